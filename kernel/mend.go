//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/personality"
	"perdure/mm/addr"
)

// scrubStep is how many pages of code one step of Scrub compares, each in 1,700
// instructions.
const scrubStep = 8

// mendCode puts the code right where a failure was noticed, and all of it if that
// is not the first one in a row: what is damaged may be on the way back.
//
//go:nosplit
func mendCode() {
	m := mach()
	if m.set.taken == 0 {
		return
	}
	c, n := crash(), uint64(0)
	unprotect()
	if c.Cause == CauseException && m.space.MendAt(&m.set.sets, addr.HVA(c.RIP)) {
		n++
	}
	if m.set.tries != 0 {
		_, more := m.space.Mend(&m.set.sets, 0, m.set.sets.Fixed)
		n += more
	}
	protect()
	atomic.AddUint64(&m.set.mended, n)
}

// scrub is a step of Scrub.
//
//go:nosplit
func scrub(m *machine, fr *personality.Frame) {
	unprotect()
	next, n := m.space.Mend(&m.set.sets, fr.RDI, scrubStep)
	protect()
	atomic.AddUint64(&m.set.mended, n)
	fr.RAX = next
}

// Scrub compares some of the code with what it was, and puts right what differs. It
// is called with 0 first and then with what it returned, which is 0 after the last
// step.
func Scrub(from uint64) (next uint64) {
	if mach().set.taken == 0 {
		return 0
	}
	return private(callScrub, from, 0)
}

// Mended returns how many pages of code have been put right.
//
//go:nosplit
func Mended() uint64 { return atomic.LoadUint64(&mach().set.mended) }
