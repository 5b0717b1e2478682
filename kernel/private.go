//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/personality"
	"perdure/mm/addr"
)

// Calls that change the instance's address space. They run on the stack of
// system calls, where a page fault of the runtime's own memory cannot happen
// while the tables are locked.
const (
	callArea   = personality.PrivateFirst + iota // a: processor
	callMap                                      // a: address, which becomes the page at the same physical address, b: flags
	callUnmap                                    // a: address
	callDirect                                   // a, b: physical addresses
	callRepair                                   // a step of Repair
	callScrub                                    // a: page; a step of Scrub, which is answered by where to go on
	callCopies                                   // a: page; a step of ScrubCopies, the same
	callEntry                                    // ScrubEntry
)

// answer does a private call; RAX becomes 1 if it could.
//
//go:nosplit
func answer(fr *personality.Frame) {
	m := mach()
	if fr.RAX == callRepair {
		repairFn(m)
		fr.RAX = 1
		return
	}
	if fr.RAX == callScrub {
		scrubFn(m, fr)
		return
	}
	if fr.RAX == callCopies {
		copiesFn(m, fr)
		return
	}
	if fr.RAX == callEntry {
		entryFn(m, fr)
		return
	}
	lockSpace(m)
	ok := m.set.taken == 0 // the tables of a sealed instance do not change
	if !ok {
		fr.RAX = 0
	}
	switch fr.RAX {
	case callArea:
		ok = mapArea(&m.space, fr.RDI)
	case callMap:
		ok = m.space.Map(addr.HVA(fr.RDI), addr.HPA(fr.RDI), fr.RSI)
	case callUnmap:
		m.space.Unmap(addr.HVA(fr.RDI))
		reload(cr3(m))
	case callDirect:
		ok = m.space.Direct(addr.HPA(fr.RDI), addr.HPA(fr.RSI), hugePages())
	}
	atomic.StoreUint32(&m.busy, 0)
	fr.RAX = 0
	if ok {
		fr.RAX = 1
	}
}

// These end the linker's chain of stack.
var (
	repairFn = repair
	scrubFn  = scrub
	copiesFn = scrubCopies
	entryFn  = scrubEntry
	mendFn   = mendCode
)

// MapMemory extends the direct map to all physical addresses below end.
func MapMemory(end addr.HPA) bool {
	m := mach()
	from := addr.HPA(m.page.Direct)
	to := (end + addr.Page1G - 1) &^ (addr.Page1G - 1)
	if to <= from {
		return true
	}
	if private(callDirect, uint64(from), uint64(to)) == 0 {
		return false
	}
	m.page.Direct = uint64(to)
	return true
}
