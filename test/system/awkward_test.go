package system

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// A dozen of guests, each of which is hardly ever at a good moment, have the
// hypervisor replaced and reset under them, and count that what must happen once
// happens once. Root is one of them, and makes them: test/guest/awkward. What they
// were at when an instance arrived is in the log, and every moment must have been
// among it. Two processors belong to make campaign.
func TestAwkwardMoments(t *testing.T) {
	t.Parallel()
	most := 1
	if os.Getenv("PERDURE_LONG") != "" {
		most = 2
	}
	for cpus := 1; cpus <= most; cpus++ {
		t.Run(fmt.Sprint(cpus), func(t *testing.T) {
			const n = 6 // restarts in a round
			times := int(setting("PERDURE_TIMES", 1))
			dir, faulty := filepath.Dir(image), strings.TrimSuffix(image, ".img")+"-inject.img"
			m := boot(t, rig.Options{
				Config: emu.Config{Kind: emu.Auto, CPUs: cpus}, Image: faulty, Words: "root_mem=128M",
				Kernel:      filepath.Join(dir, "guest", "awkward.elf"),
				Initrd:      together(t, faulty, filepath.Join(dir, "perdure-next.img"), filepath.Join(dir, "perdure-prev.img")),
				KernelWords: fmt.Sprintf("restarts=%d times=%d seed=%d", n, times, seed()),
			})
			ctx, cancel := context.WithTimeout(context.Background(), later)
			defer cancel()
			over, err := m.Expect(ctx, regexp.MustCompile(`RESULT: over, generation (\d+)`))
			if err != nil {
				m.failed("waiting for the crowd", err)
			}
			text := clean(m.Text())
			odd := 0
			for line := range strings.Lines(text) {
				if strings.Contains(line, "FAIL") {
					t.Error(line)
				}
				if strings.Contains(line, "ODD ") {
					odd++
				}
				if said.MatchString(line) {
					t.Log(strings.TrimSpace(line))
				}
			}
			resets := 0
			for _, n := range regexp.MustCompile(`FAULTS resets (\d+)`).FindAllStringSubmatch(text, -1) {
				resets, _ = strconv.Atoi(n[1])
			}
			assert.Positive(t, resets)
			assert.LessOrEqual(t, odd, resets, "lines with a byte that came twice, which it may after a reset")
			assert.Equal(t, strconv.Itoa(n*times), over[1], "generation")
			c := census(text)
			t.Logf("caught: %v", c)
			for what := range moments {
				assert.NotZero(t, c[what], "nobody was caught %s", what)
			}
			for _, missed := range regexp.MustCompile(`MISSED (\w+ exit \d+)`).FindAllStringSubmatch(text, -1) {
				assert.Contains(t, text, "MET "+missed[1], "a moment that no fault met")
			}
			m.ends(emu.PoweredOff)
		})
	}
}

var said = regexp.MustCompile(`^(RESTART|FAULTS|MET|CROWD|FRAMES|ODD) `)

// together writes a file of several ones: how many, and where each lies and how long
// it is.
func together(t *testing.T, files ...string) string {
	t.Helper()
	const page = 4096
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(files)))
	var all []byte
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		head = binary.LittleEndian.AppendUint64(head, uint64(page+len(all)))
		head = binary.LittleEndian.AppendUint64(head, uint64(len(b)))
		all = append(append(all, b...), make([]byte, -len(b)&(page-1))...)
	}
	name := filepath.Join(t.TempDir(), "images")
	require.NoError(t, os.WriteFile(name, slices.Concat(head, make([]byte, page-len(head)), all), 0o600))
	return name
}

// caughtAt is what an instance for tests says of a VP that it finds: whose it is, its
// state, and RFLAGS, CR0 and interruptibility.
var (
	caughtAt = regexp.MustCompile(`caught (\d+)(?:\.\d+)? ([a-z-]+)(.*)`)
	number   = regexp.MustCompile(` (flags|cr0|blocking) 0x([0-9a-f]+)`)
)

// moments are those that an instance must have arrived at: what is said of a VP then.
var moments = map[string]func(state, rest string, n map[string]uint64) bool{
	"halted":            func(state, _ string, _ map[string]uint64) bool { return state == "halted" },
	"with IF 0":         func(state, _ string, n map[string]uint64) bool { return state == "run" && n["flags"]&0x200 == 0 },
	"with NMIs blocked": func(_, _ string, n map[string]uint64) bool { return n["blocking"]&8 != 0 },
	"in real mode or before it": func(state, _ string, n map[string]uint64) bool {
		return state == "wait-sipi" || n["flags"] != 0 && n["cr0"]&1 == 0
	},
	"paused": func(_, rest string, _ map[string]uint64) bool { return strings.Contains(rest, " held ") },
}

// census counts at what moments VPs were found.
func census(text string) map[string]int {
	c := map[string]int{}
	for _, m := range caughtAt.FindAllStringSubmatch(text, -1) {
		n := map[string]uint64{}
		for _, x := range number.FindAllStringSubmatch(m[3], -1) {
			n[x[1]], _ = strconv.ParseUint(x[2], 16, 64)
		}
		for what, is := range moments {
			if m[1] != "0" && is(m[2], m[3], n) {
				c[what]++
			}
		}
	}
	return c
}
