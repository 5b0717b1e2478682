package apic

import "perdure/mm/addr"

// Facts are what an instance has found out about the interrupt controllers; a
// kept record, so that a next instance need not touch them.
type Facts struct {
	X2, Deadline uint64 // 1: as the variables of that name
	Window       uint64 // HVA
	Rate         uint64
	N            uint64 // I/O APICs that are driven
	Chips        [maxChips]Chipped
}

// Chipped is one I/O APIC of Facts.
type Chipped struct{ Window, First, Pins uint64 }

// Present returns the facts.
func Present() (f Facts) {
	if x2 {
		f.X2 = 1
	}
	if deadline {
		f.Deadline = 1
	}
	f.Window, f.Rate, f.N = uint64(window), rate, uint64(nchips)
	for i := range f.Chips {
		f.Chips[i] = Chipped{uint64(chips[i].window), uint64(chips[i].first), uint64(chips[i].pins)}
	}
	return f
}

// Assume takes facts for granted that another instance found out on the same
// machine. The local APICs are as that one has left them.
//
//go:nosplit
func Assume(f *Facts) {
	x2, deadline = f.X2 == 1, f.Deadline == 1
	window, rate, nchips = addr.HVA(f.Window), f.Rate, uint32(min(f.N, maxChips))
	for i := range f.Chips {
		c := &f.Chips[i]
		chips[i] = chip{window: addr.HVA(c.Window), first: uint32(c.First), pins: uint32(c.Pins)}
	}
}
