package partition

import "perdure/kernel"

// Wrong code does harm before it fails, if it ever does. So every processor compares all
// code and constants with what they were, some pages with each look after its neighbour,
// by itself: neither the control goroutine nor another processor need be well for it.

// How many pages of code are compared with a look, in 600 instructions each, by a processor
// that has something to run and by one that has not; and one of constants. After a reset
// the control goroutine does so with all, besides.
const (
	compareBusy = 6
	compareIdle = 12
)

// compared is how far each processor is.
var compared [MaxCPUs]struct{ code, constants uint64 }

// compare does a piece.
//
//go:nosplit
func compare(c *CPU) {
	s, most := &compared[c.Index&(MaxCPUs-1)], uint64(compareBusy)
	if c.Active == 0 || tab.VPs[(c.Active-1)&(MaxVPs-1)].State != VPRun {
		most = compareIdle
	}
	s.code = farLook(0, s.code, most)
	s.constants = farLook(kernel.LookConstants, s.constants, 1)
}

// lookAll compares everything, since something has failed. It takes longer than a hang.
//
//go:nosplit
func lookAll() {
	const piece = 64
	c := this()
	for what := uint64(kernel.LookEntry); what <= kernel.LookEntry|kernel.LookConstants; what++ {
		for at := farLook(what, 0, piece); at != 0; at = farLook(what, at, piece) {
			c.Watch.Steps++
		}
	}
}

// fruitless is how many faults there were on each processor since it entered a guest.
var fruitless [MaxCPUs]struct{ exits, faults uint64 }

// How many faults in a row without an entry are reason to compare all code, and how many
// to throw the volatile state away: nobody's exit fails, and the watch counts rounds.
const (
	someFruitless = 3
	mostFruitless = 24
)

// barren counts a fault that rung 0 is to overcome.
//
//go:nosplit
func (c *CPU) barren() {
	s := &fruitless[c.Index&(MaxCPUs-1)]
	if s.faults++; s.exits != c.Exits {
		s.exits, s.faults = c.Exits, 1
	}
	if s.faults%someFruitless == 0 {
		farLookAll()
	}
	if s.faults >= mostFruitless {
		mistaken("a dispatcher fails again and again")
	}
}

// These are out of the linker's sight.
var (
	farLook    = kernel.Look
	farLookAt  = kernel.LookAt
	farLookAll = lookAll
)
