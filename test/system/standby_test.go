package system

import (
	"fmt"
	"os"
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

var figureOfStandby = regexp.MustCompile(`FIGURE (\w+) (\d+) (\d+)`)

// A small root has the hypervisor fail for good: another instance goes on. So does
// the next one, and microresets and hot restarts are what they were. The guest looks
// at free memory and has all records checked after each.
func TestMicroreboot(t *testing.T) {
	t.Parallel()
	const most = 6_000_000 // instructions from noticing to a VP
	for _, c := range []struct {
		cpus       int
		do         string // as test/guest/standby has it
		rungs      string // microresets are 1, microreboots 2
		generation int
	}{
		{1, "1123", "221", 1},
		{2, "1431", "222", 1},
	} {
		t.Run(fmt.Sprintf("%d processors", c.cpus), func(t *testing.T) {
			build := filepath.Dir(image)
			faulty := filepath.Join(build, "perdure-inject.img")
			_, err := os.Stat(faulty)
			require.NoError(t, err)
			m := boot(t, rig.Options{
				Config: emu.Config{Kind: emu.Auto, CPUs: c.cpus}, Image: faulty, Kernel: filepath.Join(build, "guest", "standby.elf"), Initrd: faulty,
				Words: "standby=on", KernelWords: "both=1 do=" + c.do,
			})
			select {
			case <-m.Done():
			case <-time.After(4 * time.Minute):
				m.GiveUp()
			}
			m.want(`RESULT: over`)
			said := clean(m.Text())
			require.NotContains(t, said, "FAIL")
			rungs, last := "", map[string]int{}
			for _, f := range figureOfStandby.FindAllStringSubmatch(said, -1) {
				n, _ := strconv.Atoi(f[3])
				last[f[1]] = n
				switch {
				case f[1] == "rung":
					rungs += f[3]
				case f[1] == "back" && strings.HasSuffix(rungs, "2"):
					assert.Less(t, n, most, "instructions until processor %s went on", f[2])
					t.Logf("processor %s went on %d instructions after the failure was noticed", f[2], n)
				}
			}
			assert.Equal(t, c.rungs, rungs)
			assert.Equal(t, len(c.rungs), last["resets"])
			assert.Equal(t, c.generation, last["generation"])
		})
	}
}
