package system

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
	"perdure/test/campaign/fault"
)

// A shape is what is at work when a fault is made, by its name in the experiments with
// NiLiHype. With a card there are two guests, and a third one is made after a fault that
// was noticed.
type shape struct {
	name string
	gap  time.Duration // between datagrams; 0: there are none
}

var shapes = []shape{{"1AppVM", 0}, {"3AppVM", time.Millisecond}}

// shapeKinds are the kinds of faults, those of these experiments first.
var shapeKinds = []string{"failstop", "register", "code", "rot", "kept", "hang", "panic"}

// A shaped result is a line of the file of results: a fault is said in full by its kind
// and the seed that hvctl inject is told.
type shaped struct {
	Shape string
	Kind  string
	fault.Result
}

// mostInBoot is how many faults are made in one boot: what nobody noticed stays.
const mostInBoot = 40

// Faults by chance in the hypervisor below Debian at work, in both shapes: so many in
// each as PERDURE_FAULTS says, in a campaign. One boot sees many; one that has lost a
// guest, or root, sees no more. What has a result in the file is not done again.
func TestShapes(t *testing.T) {
	count, seed := asked(t, "PERDURE_FAULTS", 0), max(1, asked(t, "PERDURE_FAULT_SEED", 1))
	if count == 0 {
		t.Skip("faults by the hundred belong to make campaign")
	}
	path := filepath.Join(filepath.Dir(image), "campaign", "workloads.jsonl")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	can, err := os.ReadFile(working("").Image)
	require.NoError(t, err)
	build := fmt.Sprintf("%x", sha256.Sum256(can))[:8]
	results, err := readShaped(path, build)
	require.NoError(t, err)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	require.NoError(t, err)
	defer file.Close()
	for _, s := range shapes {
		done := map[string]bool{}
		for _, r := range results {
			done[r.Shape+r.Tuple] = true
		}
		var todo []shaped
		for i := range count {
			kind := shapeKinds[i%len(shapeKinds)]
			r := shaped{Shape: s.name, Kind: kind, Result: fault.Result{Build: build, Tuple: fmt.Sprintf("%s/%d/0", kind, seed*1_000_000+i)}}
			if !done[s.name+r.Tuple] {
				todo = append(todo, r)
			}
		}
		for boots := 1; len(todo) > 0; boots++ {
			n, err := s.boot(t, todo[:min(mostInBoot, len(todo))], func(r shaped) {
				line, _ := json.Marshal(r)
				file.Write(append(line, '\n'))
				results = append(results, r)
				t.Logf("%s %s: %s %s %s", r.Shape, r.Tuple, r.Class, r.How, r.Notes)
			})
			require.NoError(t, err)
			require.Positive(t, n, "a boot in which no fault was made")
			todo = todo[n:]
		}
	}
	table := shapeTable(results)
	t.Log("\n" + table)
	if dir := os.Getenv("PERDURE_REPORT"); dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "workloads.md"), []byte(table), 0o644))
	}
	for _, r := range results {
		if (r.Kind == "failstop" || r.Kind == "panic") && r.Class != fault.Clean && r.Class != fault.NotReached {
			t.Errorf("%s %s: %s: %s", r.Shape, r.Tuple, r.Class, r.Notes)
		}
	}
}

// readShaped reads the results there are of a build.
func readShaped(path, build string) (list []shaped, err error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	for in := bufio.NewScanner(bytes.NewReader(text)); in.Scan(); {
		var r shaped
		if json.Unmarshal(in.Bytes(), &r) == nil && r.Build == build { // and not cut short
			list = append(list, r)
		}
	}
	return list, err
}

// boot makes faults in one boot, until they are over or one has cost something, and
// returns how many there were.
func (s shape) boot(t *testing.T, todo []shaped, said func(shaped)) (n int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Hour)
	defer cancel()
	slots <- struct{}{}
	defer func() { <-slots }()
	run, err := rig.Boot(working("standby=off"))
	if err != nil {
		return 0, err
	}
	defer run.Close()
	root, err := emu.WaitForRoot(ctx, run.Console)
	if err != nil {
		return 0, err
	}
	begin := "dd if=/dev/zero of=/tmp/block.img bs=1048576 count=8; hvctl create --start /guests/churn.toml && hvtest in churn hostname"
	if s.gap > 0 {
		begin += " && hvctl create --start /guests/net.toml && hvtest in net hostname"
	}
	if out, status, err := root.Run(ctx, "gosh", "-c", begin); err != nil || status != 0 {
		return 0, fmt.Errorf("%w, status %d: %s", err, status, out)
	}
	for i, r := range todo {
		r.Place = i
		s.fault(ctx, root, &r)
		said(r)
		switch r.Class {
		case fault.Clean, fault.Quiet, fault.NotReached:
		default:
			t.Logf("the serial line ends:\n%s", last(clean(run.Text()), 3000))
			return i + 1, nil
		}
	}
	return len(todo), nil
}

// last gives the last n bytes of a text.
func last(text string, n int) string { return text[max(0, len(text)-n):] }

// fault makes one, and says what became of it.
func (s shape) fault(ctx context.Context, root *emu.Root, r *shaped) {
	const patience = 10 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	seed := strings.Split(r.Tuple, "/")[1]
	t, err := work(ctx, root, s.gap, 1500*time.Millisecond,
		"hvctl inject --json --wait 2s --settle 400ms --check 1 --within 20000 --count 1 --kind "+r.Kind+" --seed "+seed)
	if err != nil {
		r.Class, r.How, r.Notes = fault.Failed, "root is lost", err.Error()
		return
	}
	for how := range t.outcomes {
		r.How = how
	}
	guests := map[string]bool{}
	for _, who := range t.wrong {
		guests[strings.Replace(who, "root", "net", 1)] = true // what root's work was about
	}
	noticed := false
	switch r.How {
	case "unwound", "microreset", "microreboot", "quarantine":
		noticed = true
	}
	if len(guests) > 0 || !t.done {
		r.Notes = t.String()
	}
	if r.How == "damage found" && len(guests) == 0 && t.lost == 0 { // by the self check, in a record with a twin
		_, status, err := root.Run(ctx, "hvctl", "check")
		noticed = err == nil && status == 0 // it was put right
		t.done = t.done || noticed
	}
	switch {
	case !t.done:
		r.Class = fault.Failed // no answer, or damage found
	case r.How == "not reached" && len(guests) == 0:
		r.Class = fault.NotReached
	case !noticed && len(guests) > 0:
		r.Class = fault.Silent
	case !noticed:
		r.Class = fault.Quiet
	case len(guests) > 1 || s.gap == 0 && len(guests) > 0:
		r.Class = fault.Failed
	case len(guests) == 1:
		r.Class = fault.OneLost
	default:
		r.Class = fault.Clean
	}
	if s.gap > 0 && (r.Class == fault.Clean || r.Class == fault.OneLost) {
		for _, command := range strings.Split(blocks, ";") {
			if out, status, err := root.Run(ctx, strings.Fields(command)...); err != nil || status != 0 {
				r.Class, r.Notes = fault.Failed, r.Notes+fmt.Sprintf("a new guest: %s: %v, status %d: %s", command, err, status, out)
				return
			}
		}
	}
}

// shapeTable writes what came of all in Markdown.
func shapeTable(results []shaped) string {
	var b strings.Builder
	b.WriteString("# Faults below Debian at work\n\nWritten by `TestShapes`, which `make campaign` runs; `README.md` says how to read it. Rates in percent, with Wilson's interval.\n\n" +
		"| shape | kind | made | nothing noticed | silent damage | recovered | one guest lost | failed | success of noticed | none lost of noticed | silent damage of manifested |\n" +
		"|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, s := range shapes {
		for _, kind := range shapeKinds {
			tally := fault.Tally{}
			for _, r := range results {
				if r.Shape == s.name && r.Kind == kind {
					tally[r.Class]++
				}
			}
			if tally.Made() > 0 {
				fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %d | %d | %v | %v | %v |\n", s.name, kind, tally.Made(), tally[fault.Quiet], tally[fault.Silent],
					tally[fault.Clean], tally[fault.OneLost], tally[fault.Failed], tally.Success(), tally.NoneLost(), tally.Unseen())
			}
		}
	}
	return b.String()
}
