//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// scrubStep is how many pages of code one step of Scrub compares, each in 600
// instructions; of ScrubCopies, in 3,400.
const scrubStep = 8

// mendSoon is how long after a reset the next one follows it, in parts of a second.
const mendSoon = 100

// mendCode puts the code right where a failure was noticed, and all of it if damage is
// known of, or that is not the first failure in a row: what is damaged may be on the way
// back, or lead to failures elsewhere.
//
//go:nosplit
func mendCode() {
	m := mach()
	if m.set.taken == 0 {
		return
	}
	me := This()
	if me.mending++; me.mending > 1 { // it is this that failed
		if me.mending == 2 {
			m.overwrite()
		}
		return
	}
	c, n, bad := crash(), uint64(0), uint64(0)
	all := m.set.wrong != 0 || m.set.tries != 0 || x86.RDTSC()-m.set.stamp < m.tscHz/mendSoon
	if all {
		m.space.Judges(&m.set.sets)
	}
	unprotect()
	if all || c.Cause == CauseException {
		if m.space.MendFold(&m.set.sets) { // first: the others need it
			n++
		}
	}
	if all {
		_, more, lost := m.space.Mend(&m.set.sets, 0, m.set.sets.Fixed)
		n, bad = n+more, bad+lost
	} else if c.Cause == CauseException {
		if mended, lost := m.space.MendAt(&m.set.sets, addr.HVA(c.RIP)); mended {
			n++
		} else if lost {
			bad++
		}
	}
	protect()
	if bad != 0 { // or what says so
		m.overwrite()
		_, _, bad = m.space.Mend(&m.set.sets, 0, m.set.sets.Fixed)
	}
	if n != 0 {
		m.set.wrong = 1
	}
	m.mended(n, bad)
	me.mending = 0
}

// overwrite puts all code right without looking at it.
//
//go:nosplit
func (m *machine) overwrite() {
	unprotect()
	m.space.Overwrite(&m.set.sets)
	protect()
	m.set.wrong = 1
	m.mended(1, 0)
}

// mended counts pages that have been put right, and notes that some cannot be.
//
//go:nosplit
func (m *machine) mended(n, bad uint64) {
	atomic.AddUint64(&m.set.mended, n)
	if atomic.AddUint64(&m.set.lost, bad); bad != 0 {
		Beyond(RebootDamage)
	}
}

// scrub is a step of Scrub.
//
//go:nosplit
func scrub(m *machine, fr *personality.Frame) {
	unprotect()
	next, n, bad := m.space.Mend(&m.set.sets, fr.RDI, scrubStep)
	protect()
	m.mended(n, bad)
	if n != 0 {
		m.wrong() // it may have been damaged for long
	}
	fr.RAX = next
}

// scrubCopies is a step of ScrubCopies.
//
//go:nosplit
func scrubCopies(m *machine, fr *personality.Frame) {
	set := &m.set
	unprotect()
	if fr.RDI == 0 && m.idtSum() != set.idt {
		writeIDT()
		m.mended(1, 0)
	}
	next, n, bad := m.space.MendCopies(&set.sets, set.active^1, set.pristine != 0, fr.RDI, scrubStep)
	protect()
	m.mended(n, bad)
	fr.RAX = next
}

// scrubEntry looks at the pages of the code around the exits of guests.
//
//go:nosplit
func scrubEntry(m *machine, fr *personality.Frame) {
	n, bad := uint64(0), uint64(0)
	from, end := m.entry()
	unprotect()
	if m.space.MendFold(&m.set.sets) { // it may find itself right
		n++
	}
	for at := from; at < end; at += addr.PageSize {
		if mended, lost := m.space.MendAt(&m.set.sets, at); mended {
			n++
		} else if lost {
			bad++
		}
	}
	protect()
	m.mended(n, bad)
	fr.RAX = n
}

// judges looks at the code that makes sums before it is used where all can be written:
// damaged, it might write to each page that it is to compare, and to that page's copy. It reports
// whether there is a golden copy.
//
//go:nosplit
func judges() bool {
	m := mach()
	if m.set.taken == 0 {
		return false
	}
	if m.space.Judges(&m.set.sets) {
		m.wrong()
	}
	return true
}

// ScrubEntry is Scrub for the code that saves and loads the registers of guests, and its
// neighbours: what is wrong there makes nothing of ours fault, and every exit comes by it.
// It reports whether something was.
func ScrubEntry() bool { return judges() && private(callEntry, 0, 0) != 0 }

// ScrubCopies is Scrub for the golden copy, for the set of pages that waits, and for
// the descriptors of the entries.
func ScrubCopies(from uint64) (next uint64) {
	if !judges() {
		return 0
	}
	return private(callCopies, from, 0)
}

// Lost returns how many times a page was seen that cannot be put right.
func Lost() uint64 { return atomic.LoadUint64(&mach().set.lost) }

// Scrub compares some of the code and the constants with what they were, and puts right what differs,
// which ends in a reset, as Look. It is called with 0 first and then with what it returned,
// which is 0 after the last step.
//
//go:nosplit
func Scrub(from uint64) (next uint64) {
	if !judges() {
		return 0
	}
	return private(callScrub, from, 0)
}

// Mended returns how many pages have been put right.
//
//go:nosplit
func Mended() uint64 { return atomic.LoadUint64(&mach().set.mended) }
