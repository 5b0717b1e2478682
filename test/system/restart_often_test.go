package system

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

var restartLine = regexp.MustCompile(`restart (\d+): free (\d+), blackout (\d+), longest gap from the handoff on (\d+), and in all (\d+), longest call (\d+)`)

// mostGap is how many instructions a system may stand for at any time in a restart:
// ten slices of 2 ms, on this machine.
const mostGap = 1_000_000

// mostCall is how many a call of root's may take: whatever takes long in a restart
// answers those that come meanwhile, between its pieces.
const mostCall = 8_000_000

// A small root has the hypervisor replaced again and again, by the later version and
// by this one in turn, a thousand times in a campaign. Root on one processor, which
// it uses to the full, is never without it for long, from the moment that it hands
// over the image. Memory is the same after each, but for what the versions differ by.
func TestRestartOften(t *testing.T) {
	times := restarts(t, 4)
	cpus := 1
	if times > 10 { // so that it goes more quickly
		cpus = 2
	}
	build := filepath.Dir(image)
	both := filepath.Join(t.TempDir(), "both.img")
	this, err := os.ReadFile(image)
	require.NoError(t, err)
	next, err := os.ReadFile(filepath.Join(build, "perdure-next.img"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(both, append(next[:len(next):len(next)], this...), 0o600))
	m := boot(t, rig.Options{
		Config: emu.Config{Kind: emu.Auto, CPUs: cpus}, Kernel: filepath.Join(build, "guest", "restart.elf"), Initrd: both,
		KernelWords: "quiet=1 times=" + strconv.Itoa(times) + " split=" + strconv.Itoa(len(next)),
	})
	select {
	case <-m.Done():
	case <-time.After(time.Duration(times+5) * time.Minute):
		m.GiveUp()
	}
	said := clean(m.Text())
	require.Contains(t, said, "RESULT: over")
	require.NotContains(t, said, "FAIL")
	free, most := [2]string{}, [4]int{}
	all := restartLine.FindAllStringSubmatch(said, -1)
	for i, line := range all {
		assert.Equal(t, strconv.Itoa(i+1), line[1], "generation")
		if i < len(free) {
			free[i] = line[2]
		}
		assert.Equal(t, free[i%2], line[2], "free memory after restart %d", i+1)
		for k := range most {
			n, _ := strconv.Atoi(line[3+k])
			most[k] = max(most[k], n)
		}
	}
	assert.Len(t, all, times)
	assert.Less(t, most[2], mostGap, "the longest gap")
	assert.Less(t, most[3], mostCall, "the longest call")
	t.Logf("%d restarts, %s bytes free after each second one; at most a blackout of %d ticks, a gap of %d from the handoff on, and of %d in all; the longest call took %d",
		times, free[1], most[0], most[1], most[2], most[3])
}
