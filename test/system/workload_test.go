package system

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// The three kinds of work are those of the experiments with NiLiHype: a guest that has
// its kernel do of everything a little, another one that root and it send a datagram each
// millisecond, both ways, and a third one, made after the fault, that works with disks.
const (
	netAddress = "10.1.0.21"
	packets    = "hvtest pulse -marks /tmp/work -for 2m -gap %v " + rootAddress + " " + netAddress
	blocks     = "hvctl create --start /guests/block.toml;hvtest in block hvtest disk -mib 1 -dev /dev/vda;hvtest in block hvtest disk -mib 1 -dev /dev/vdb;hvctl destroy block"
)

// rarely is how often datagrams are sent while a guest boots: a kernel that has to work
// each millisecond leaves it little of this machine.
const rarely = 50 * time.Millisecond

// working says to boot root with the guests of the three kinds of work, on a
// hypervisor that can make faults. Timers of root are as fine as its clock.
func working(words string) rig.Options {
	o := withGuests("cloud", 2)
	o.Image, o.Words = faulty(o).Image, "root_mem=320M "+words
	o.Initrd = filepath.Join(filepath.Dir(image), "restart-cloud.cpio")
	o.KernelWords = strings.Replace(o.KernelWords, "highres=off ", "", 1)
	return o
}

// begins makes the guests that are there when a fault is made.
func (m *machine) begins() {
	m.t.Helper()
	m.must("dd if=/dev/zero of=/tmp/block.img bs=1048576 count=8")
	m.must("hvctl create --start /guests/churn.toml")
	m.must("hvctl create --start /guests/net.toml")
	m.must("hvtest in churn,net hostname")
}

// A trial is what came of some commands in root while all were at work.
type trial struct {
	said     string
	done     bool     // the commands were run, and all of them well
	wrong    []string // whose work was not right
	sent     int      // datagrams
	longest  int      // ticks from one to its answer
	outcomes map[string]int
	lost     int // of the guests that were there, by hvctl inject
}

var (
	pulseLine  = regexp.MustCompile(`(?m)^root: pulse sent (\d+) .* longest (\d+)`)
	resultLine = regexp.MustCompile(`(?m)^(\w+): RESULT: PASS`)
	failLine   = regexp.MustCompile(`(?m)^(\w+: )?FAIL: .*`)
)

// work has root and the guests work, and runs commands in root meanwhile. The guest
// that churns does so for a time; root and the one with a card until the commands are
// over, unless there is no time between their datagrams.
func work(ctx context.Context, root *emu.Root, gap, churning time.Duration, commands string) (*trial, error) {
	const limited = "hvtest in -timeout 3m "
	churn := fmt.Sprintf(limited+"churn hvtest churn -for %v", churning)
	mean := fmt.Sprintf(limited+"-after 300ms -meanwhile '%s' ", commands)
	script, all := mean+strings.TrimPrefix(churn, limited), []string{"churn"}
	if gap > 0 {
		script = "rm -f /tmp/work.*; " + churn + " >/tmp/work.churn & " + mean + "-marks /tmp/work root,net " + fmt.Sprintf(packets, gap) + "; wait; cat /tmp/work.churn"
		all = []string{"churn", "root", "net"}
	}
	out, _, err := root.Run(ctx, "gosh", "-c", script)
	if err != nil {
		return nil, err
	}
	t := &trial{said: string(out), outcomes: map[string]int{}}
	t.done = strings.Contains(t.said, "meanwhile.done 1")
	if l := pulseLine.FindStringSubmatch(t.said); l != nil {
		t.sent, _ = strconv.Atoi(l[1])
		t.longest, _ = strconv.Atoi(l[2])
	}
	well := map[string]bool{}
	for _, l := range resultLine.FindAllStringSubmatch(t.said, -1) {
		well[l[1]] = true
	}
	for _, who := range all {
		if !well[who] {
			t.wrong = append(t.wrong, who)
		}
	}
	for _, one := range answers[struct {
		Outcomes map[string]int
		Lost     int `json:"guests_lost"`
	}](meanwhile(t.said), `"outcomes"`) {
		for what, n := range one.Outcomes {
			t.outcomes[what] += n
		}
		t.lost += one.Lost
	}
	return t, nil
}

// String says it in a line, and what was found wrong.
func (t *trial) String() string {
	return fmt.Sprintf("%v, %d datagrams, the slowest answer after %d ticks, wrong: %v, commands done: %v\n%s",
		t.outcomes, t.sent, t.longest, t.wrong, t.done, strings.Join(failLine.FindAllString(t.said, -1), "\n"))
}

// tried has all work and runs commands, and fails the test unless nobody noticed anything.
func (m *machine) tried(gap, churning time.Duration, commands string) *trial {
	m.t.Helper()
	m.greeting()
	ctx, cancel := context.WithTimeout(context.Background(), later)
	defer cancel()
	t, err := work(ctx, m.root, gap, churning, commands)
	if err != nil {
		m.failed(commands, err)
	}
	m.t.Logf("%s: %v", commands, t)
	if len(t.wrong) > 0 || !t.done || t.lost > 0 {
		m.t.Errorf("somebody has noticed; guests lost: %d\n%s", t.lost, t.said)
	}
	return t
}

// A fault in the hypervisor of each kind that has to cost nobody anything costs nobody
// anything, while two guests and root are at work: no datagram is lost, and none comes
// twice. Then a new guest can be made and works; recoveries by the dozen, a thousand in
// a campaign, leave memory and their own latency as they were; and the hypervisor can be
// replaced.
func TestWorkloads(t *testing.T) {
	m := boot(t, working("standby=on"))
	m.begins()
	faults := []string{
		"failstop --within 2000 --count 5", "panic --within 2000 --count 3", "fail --within 2000 --count 3", "hang --within 2000 --count 2", "reboot --within 300 --count 1",
	}
	for i, f := range faults {
		faults[i] = "hvctl inject --json --wait 3s --check 0 --kind " + f
	}
	got := m.tried(time.Millisecond, 5*time.Second, strings.Join(faults, ";"))
	assert.Positive(t, got.outcomes["microreset"], "microresets")
	assert.Positive(t, got.outcomes["unwound"], "panics")
	assert.Equal(t, 1, got.outcomes["microreboot"], "microreboots")
	assert.Zero(t, got.outcomes["nothing noticed"], "faults that nobody noticed")
	assert.Greater(t, got.sent, 1000, "datagrams")
	m.tried(rarely, 2*time.Second, blocks)
	m.often(max(40, asked(t, "PERDURE_RECOVERIES", 0)))
	r := parsed[restarted](t, []byte(m.must("hvctl restart --json /images/perdure-next.img")))
	require.Equal(t, "done", r.Phase, r.Reason)
	m.must("hvctl create --start /guests/tiny.toml")
	m.tried(rarely, time.Second, "hvctl list")
	m.must("hvctl check")
	assert.NotRegexp(t, alarming, m.Text())
}
