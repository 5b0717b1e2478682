//go:build !metal

package partition

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// account are the words of kept state that decide nothing: what happened, how often and
// how long, and room that means nothing between two exits.
var account = map[string]string{
	"CPU":       `Trace Chain Log.E Idle Guest IPIs Stray NMIs Switches Stolen Unwound Exits Early Watch Inspect`,
	"VP":        `Exits Log.E Unwound In Bad Ran Waited Snapshot Calls BadCalls`,
	"Partition": `Lines.In Lines.Out WhyVP WhyExit WhyQual`,
	"Host":      `Recovery.Ring Restart.Report Standby.Make.Report Dump Info Check Inject Damage MachineChecks Resets`,
}

// TestCover counts what of kept state is looked at, and how, and holds the table of
// docs/recovery.md to it.
func TestCover(t *testing.T) {
	text, err := os.ReadFile("../docs/recovery.md")
	require.NoError(t, err)
	for _, r := range []struct {
		of     any
		steady []stretch
	}{{CPU{}, cpuSteady[:]}, {VP{}, vpSteady[:]}, {Partition{}, partSteady[:]}, {Host{}, hostSteady[:]}} {
		ty := reflect.TypeOf(r.of)
		class := make([]byte, ty.Size()/8)
		for _, path := range strings.Fields(account[ty.Name()]) {
			mark(t, class, ty, 0, strings.Split(path, "."), 'a')
		}
		for _, s := range r.steady {
			for i := range s.words {
				class[s.at/8+i] = 's'
			}
		}
		if ty == reflect.TypeOf(Host{}) { // sealed as a record of its own
			for i := range unsafe.Sizeof(BootOrder{}) / 8 {
				class[unsafe.Offsetof(Host{}.Boot)/8+i] = 's'
			}
		}
		n := map[byte]int{}
		for _, c := range class {
			n[c]++
		}
		row := fmt.Sprintf("| `%s` | %d | %d | %d | %d |", ty.Name(), len(class), n['s'], n['a'], n[0])
		assert.True(t, strings.Contains(string(text), row), "docs/recovery.md lacks %s", row)
	}
}

// mark gives the words of a field, and in an array those of every element, a class.
func mark(t *testing.T, class []byte, ty reflect.Type, at uintptr, path []string, c byte) {
	switch {
	case len(path) == 0:
		for i := range ty.Size() / 8 {
			class[at/8+i] = c
		}
	case ty.Kind() == reflect.Array:
		for i := range ty.Len() {
			mark(t, class, ty.Elem(), at+uintptr(i)*ty.Elem().Size(), path, c)
		}
	default:
		f, ok := ty.FieldByName(path[0])
		require.True(t, ok, "%s has no %s", ty, path[0])
		mark(t, class, f.Type, at+f.Offset, path[1:], c)
	}
}
