package partition

import "perdure/kernel/x86"

// The way from a physical timer's interrupt to the first instruction of the
// guest's handler takes a while, so the physical timer is set that much early,
// and what is left is waited out just before the entry. How much that is, each
// processor learns for itself.

// unloaded is the place in CPU.Early for VPs that are not loaded; those that are
// have 1 if they are halted.
const unloaded = 2

// ahead returns the TSC value that the physical timer is set to for deadline d,
// which is not 0, of a VP as slot says.
//
//go:nosplit
func (c *CPU) ahead(d, slot uint64) uint64 { return d - min(d-1, c.Early[slot]) }

// hold waits until the deadline of the timer interrupt that v is about to get,
// and corrects how early the next one is asked for.
//
//go:nosplit
func (v *VP) hold(c *CPU) {
	e := &c.Early[v.Slept%uint64(len(c.Early))]
	now := x86.RDTSC()
	if now < v.NotBefore {
		*e -= min(*e, (v.NotBefore-now)/16)
		for x86.RDTSC() < v.NotBefore {
			x86.PAUSE()
		}
	} else if late := now - v.NotBefore; late < tab.Host.EarlyMax { // more is not ours: the guest had interrupts off
		*e = min(*e+late/2+1, tab.Host.EarlyMax)
	}
	v.NotBefore = 0
}
