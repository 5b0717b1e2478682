//go:build metal

package kernel

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// What Look looks at besides code.
const (
	LookConstants = 1 << iota // in its place
	LookEntry                 // the code around exits too, which is else left to ScrubEntry
)

// Look compares so many pages of code, or of constants, with what they were, and returns where
// to go on; 0 is the beginning and the end. What is damaged is put right by the reset that it
// ends in: wrong code may have done anything.
//
//go:nosplit
func Look(what, from, most uint64) (next uint64) {
	m := mach()
	if m.set.taken == 0 {
		return 0
	}
	LookAt(uint64(x86.FoldAt())) // or it may find nothing
	next, damaged := m.space.Look(&m.set.sets, what&LookConstants != 0, from, most)
	if damaged != 0 && (what&LookEntry != 0 || !m.around(damaged)) {
		m.wrong()
	}
	return next
}

// LookAt is Look for the page that a failure came from.
//
//go:nosplit
func LookAt(rip uint64) {
	if m := mach(); m.set.taken != 0 && m.space.LookAt(&m.set.sets, addr.HVA(rip)) {
		m.wrong()
	}
}

// around reports whether the page at va has code that saves and loads guests' registers.
//
//go:nosplit
func (m *machine) around(va addr.HVA) bool {
	from, end := m.entry()
	return va >= from && va < end
}

// entry returns where the pages begin and end that ScrubEntry looks at.
//
//go:nosplit
func (m *machine) entry() (from, end addr.HVA) {
	s := &m.set
	return addr.HVA(s.stub&^(addr.PageSize-1) - addr.PageSize), addr.HVA(s.stub + s.stubSize)
}

// wrong throws the volatile state away because code was damaged.
//
//go:nosplit
func (m *machine) wrong() {
	m.set.wrong = 1
	Fail("code or constants are damaged")
}

// Wrong reports whether code was found damaged since it was asked last.
//
//go:nosplit
func Wrong() bool {
	s := &mach().set
	was := s.wrong
	s.wrong = 0
	return was != 0
}
