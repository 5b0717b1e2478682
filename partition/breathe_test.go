//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel"
	"perdure/vmx/vmcs"
)

// An interrupt ends the slice of a VP for the control goroutine if nothing else would
// lead to that one soon; a timer that ran out while the goroutine had the processor
// does not take the next slice away.
func TestSliceIsNotCutShortTwice(t *testing.T) {
	defer called.Store(false)
	for _, x := range []struct {
		name        string
		called      bool
		work, slice uint64
		parks       bool
	}{
		{"nothing to do", false, 0, never, false},
		{"work, and nobody has been called", false, WorkCall, 1 << 40, true},
		{"called, and no slice ends", true, 0, never, true},
		{"called, in a slice", true, 0, 1 << 40, false},
		{"called, in a slice, and more to do", true, WorkCall, 1 << 40, false},
	} {
		vmcs.Forget()
		c, p := bench(t, 1)
		called.Store(x.called)
		tab.Host.Work, c.Slice = x.work, x.slice
		vmcs.ExitInterruptionInfo.Write(kernel.VectorSpurious | injValid)
		assert.Equal(t, x.parks, exitInterrupt(c, p.VP(0))&Park != 0, x.name)
	}
	vmcs.Forget()
}
