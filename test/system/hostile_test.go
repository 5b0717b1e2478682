package system

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// operations are how many a hostile guest does here on each platform, and seed
// what it chooses them by; make campaign sets others.
func operations() uint64 { return setting("PERDURE_OPERATIONS", 500_000) }
func seed() uint64       { return setting("PERDURE_SEED", 1) }

func setting(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 0, 64); err == nil {
		return n
	}
	return otherwise
}

// A guest that does everything that a guest should not do, beside a neighbour that
// looks after its memory; root works meanwhile. Neither may notice, nor may
// anything in the hypervisor have gone wrong. A guest whose devices write where
// chance says may end itself; then another one goes on with what was left.
func TestHostileGuest(t *testing.T) {
	t.Parallel()
	for i, platform := range []string{"minimal", "pc"} {
		t.Run(platform, func(t *testing.T) {
			m := boot(t, withSmallGuests(2))
			m.neighbour()
			all, lives := tally{}, uint64(0)
			for first := uint64(0); first < operations(); lives++ {
				chance := seed() + uint64(i) + 2*lives // what killed one need not kill the next
				m.hostile(platform, fmt.Sprintf("seed=%d first=%d operations=%d", chance, first, operations()-first))
				m.must("hvctl start hostile")
				done := m.live()
				all.add(done)
				if first += done.sum(); lives > 5+operations()/25_000 {
					m.stuck()
				}
				if m.must("hvctl destroy hostile"); m.state("hostile") != "none" {
					t.Error("a hostile guest stays")
				}
				m.unhurt()
			}
			t.Logf("seed %d: %d operations in %d lives: %v", seed()+uint64(i), all.sum(), lives, all)
			for _, kind := range kinds {
				if all[kind] < operations()/1000 {
					t.Errorf("only %d operations of the kind %s", all[kind], kind)
				}
			}
		})
	}
}

// live waits until the hostile guest has done its work or has ended, and returns
// what it did. Root works meanwhile.
func (m *machine) live() tally {
	m.t.Helper()
	done, since := tally{}, time.Now()
	for {
		running := m.state("hostile") == "running"
		last, _ := m.try("gosh", "-c", "hvctl console --read hostile | grep '^hostile: done ' | tail -n 1")
		now := tally{}
		now.read(last)
		switch {
		case now.sum() != done.sum():
			done, since = now, time.Now()
		case !running:
			m.must("hvctl list")
			m.must("gosh -c", "hvctl console --read hostile | grep '^hostile: ' | tail -n 28")
			return done
		case strings.HasPrefix(m.quiet("hvctl dump hostile --vp 0"), "hostile.0 waiting"): // sent INIT by itself
			m.must("hvctl dump hostile --vp 0")
			return done
		case time.Since(since) < soon:
		default: // it runs in circles, or what it runs is not its program
			if waits.MatchString(m.must("hvctl dump hostile --vp 0")) { // an interrupt was lost
				m.stuck()
			}
			return done
		}
		m.quiet("hvtest exits -n 50")
		time.Sleep(6 * time.Second)
	}
}

// waits: halted, and it would take an interrupt (RFLAGS.IF). Its program does not halt
// otherwise, but what devices write over it may.
var waits = regexp.MustCompile(`^hostile\.0 halted(?s:.*) rflags [0-9a-f]{5}[2367abef]`)

// kinds are what a hostile guest does.
var kinds = strings.Fields("port string uart rdmsr wrmsr cpuid cr dr xcr odd vmx flags mmio play user call icr apic halt virtio second")

// tally counts operations by kind.
type tally map[string]uint64

var counted = regexp.MustCompile(` (\w+)=(\d+)`)

// read takes a line of the guest's.
func (n tally) read(line string) {
	for _, m := range counted.FindAllStringSubmatch(line, -1) {
		n[m[1]], _ = strconv.ParseUint(m[2], 10, 64)
	}
}

func (n tally) add(other tally) {
	for kind, k := range other {
		n[kind] += k
	}
}

func (n tally) sum() (all uint64) {
	for _, k := range n {
		all += k
	}
	return all
}

// Ends that a hostile guest can make of itself: each is that guest's alone.
func TestHostileEnds(t *testing.T) {
	m := boot(t, withSmallGuests(2))
	m.neighbour()
	for _, c := range []struct{ end, state string }{
		{"off", "off"}, {"reset", "off"}, {"triple", "off stopped"}, {"lost", "stopped"}, // its file says not to begin anew
		{"halt", "running"}, {"spin", "running"}, {"storm", "running"},
	} {
		m.hostile("pc", fmt.Sprintf("seed=%d operations=100 end=%s", seed(), c.end))
		m.must("hvctl start hostile")
		said := regexp.MustCompile(`hostile: .*(now|off)\r?\n`)
		for deadline := time.Now().Add(later); !said.MatchString(m.quiet("hvctl console --read hostile")); {
			if time.Now().After(deadline) {
				m.stuck()
			}
		}
		if said := m.quiet("hvctl console --read hostile"); !strings.Contains(said, "hostile: restarts refused 8\r\n") {
			t.Errorf("the guest was not refused a hot restart in each way:\n%s", said)
		}
		for deadline := time.Now().Add(soon); !strings.Contains(c.state, m.state("hostile")); {
			if time.Now().After(deadline) {
				t.Errorf("after its end %q the guest is %s, want %s", c.end, m.state("hostile"), c.state)
				break
			}
		}
		m.must("hvctl dump hostile")
		m.must("hvctl destroy hostile")
	}
	m.unhurt()
	if report := m.quiet("hvctl restart --report"); !strings.Contains(report, "there has been no hot restart") {
		t.Errorf("a guest has begun one:\n%s", report)
	}
}

// A kernel that knows only the interrupt controllers and the timer of old PCs. It
// compares clocks, so it has a processor that root does not use.
func TestPCPlatform(t *testing.T) {
	o := withSmallGuests(2)
	o.Words += " root_vps=1"
	m := boot(t, o)
	m.must("hvctl create --start /guests/pcat.toml")
	said := ""
	for deadline := time.Now().Add(later); !strings.Contains(said, "RESULT: ") && time.Now().Before(deadline); {
		said = m.quiet("hvctl console --read pcat")
	}
	t.Log(said)
	if !strings.Contains(said, "RESULT: PASS") {
		t.Error("the guest is not content")
	}
	m.must("hvctl check")
}

// guestFile writes a guest file in root.
func (m *machine) guestFile(path string, lines ...string) {
	m.t.Helper()
	m.must("gosh -c", "{ echo '"+strings.Join(lines, "'; echo '")+"'; } > "+path)
}

// hostile creates a hostile guest that has one of everything.
func (m *machine) hostile(platform, words string) {
	m.t.Helper()
	m.must("dd if=/dev/zero of=/tmp/hostile.img bs=1048576 count=1")
	m.guestFile("/tmp/hostile.toml", `memory = "32M"`, `vcpus = 2`, `kernel = "/guests/hostile.elf"`, `on_reboot = "stop"`,
		`platform = "`+platform+`"`, `cmdline = "`+words+`"`, `[[net]]`, `[[net]]`, `[[disk]]`, `ram = "1M"`, `[[disk]]`, `file = "/tmp/hostile.img"`)
	m.must("hvctl create /tmp/hostile.toml")
}

// neighbour creates a guest that looks after its memory.
func (m *machine) neighbour() {
	m.t.Helper()
	m.guestFile("/tmp/neighbour.toml", `memory = "8M"`, `kernel = "/guests/spin.elf"`, `cmdline = "do=sum bytes=0x100000 rest=200"`, `[[net]]`)
	m.must("hvctl create --start /tmp/neighbour.toml")
}

// quiet runs a command in root, which must succeed, and logs it only if it does not.
func (m *machine) quiet(command string) string {
	m.t.Helper()
	output, status := m.try(strings.Fields(command)...)
	if status != 0 {
		m.t.Fatalf("%s: status %d\n%s", command, status, output)
	}
	return output
}

// stuck ends the test with what is known of the hostile guest.
func (m *machine) stuck() {
	m.t.Helper()
	for _, command := range []string{"hvctl console --read hostile", "hvctl list", "hvctl dump hostile --vp 0", "hvctl dump hostile --vp 1", "hvctl log"} {
		output, status := m.try(strings.Fields(command)...)
		m.t.Logf("%s: status %d\n%s", command, status, output)
	}
	m.t.Fatal("the hostile guest does not go on")
}

var round = regexp.MustCompile(`spin: round (\d+) digest 0x[0-9a-f]+ good`)

// unhurt checks that the neighbour goes on, and that the hypervisor finds nothing
// wrong with itself and had no faults.
func (m *machine) unhurt() {
	m.t.Helper()
	rounds := func() string {
		said := m.quiet("hvctl console --read neighbour")
		if strings.Contains(said, "FAIL") || strings.Contains(said, "bad words") {
			m.t.Fatalf("the neighbour's memory was changed:\n%s", said)
		}
		all := round.FindAllStringSubmatch(said, -1)
		if len(all) == 0 {
			return ""
		}
		return all[len(all)-1][1]
	}
	first := rounds()
	for deadline := time.Now().Add(soon); rounds() == first; {
		if time.Now().After(deadline) {
			m.t.Fatalf("the neighbour stands still after round %s", first)
		}
	}
	m.must("hvctl check")
	m.must("hvctl check memory")
	m.must("hvtest exits -n 200")
	if n := m.unwound(); n != 0 {
		m.t.Errorf("%d exits failed in the hypervisor's hands\n%s", n, m.must("hvctl log"))
	}
	if log := m.quiet("hvctl log"); strings.Contains(log, "fault of ours") {
		m.t.Errorf("the log has faults of the hypervisor:\n%s", log)
	}
}
