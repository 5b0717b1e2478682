//go:build metal

package kernel

import (
	"perdure/kernel/fail"
	"perdure/kernel/personality"
	"perdure/mm/addr"
)

// hangs is what is said of a hang that the machine's clock has found.
const hangs = "no progress from one NMI of the machine's clock to the next"

// beat answers an NMI that no reset is about. fx is the interrupted SSE state.
//
//go:nosplit
func beat(fr *personality.Frame, fx uint64) {
	c := This()
	if mach().set.recovers == 0 {
		c.nmis++
		return
	}
	switch OnNMI() {
	case NMIUnasked:
		c.nmis++
	case NMIHangs:
		if saving(fr.RIP) {
			Rescue(fr, addr.HVA(fx))
		}
		hungFn(fr)
	}
}

// hungFn ends the linker's chain of stack.
var hungFn = hungHere

// hungHere throws the volatile state away because the running processor does not get on.
//
//go:nosplit
func hungHere(fr *personality.Frame) {
	i := This().index
	if fail.Record(hangs, i, fr.RIP) {
		note(CauseHang, fr)
		c := crash()
		c.At[i&(MaxCPUs-1)] = fr.RIP
		for j := range len(hangs) {
			c.Text[j], c.Text[j+1] = hangs[j], 0
		}
	}
	fail.End()
}
