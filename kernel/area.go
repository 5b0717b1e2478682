package kernel

import (
	"perdure/kernel/pages"
	"perdure/mm/addr"
)

// The area of a processor, in pages: its block, its descriptor tables, and its
// stacks, each with an unmapped page below it.
const (
	pageBlock  = 0
	pageTables = 1
	pageStack  = 3 // system calls and resets
	stackPages = 4
	pageTrap   = 8 // exceptions, and interrupts in Idle
	trapPages  = 4
	pageNMI    = 13
	pageDF     = 16
	pageMC     = 19
	pageDB     = 22
	istPages   = 2
)

// Interrupt stack table entries.
const (
	istTrap = 1 + iota
	istNMI
	istDF
	istMC
	istDB
)

// stacks lists where they lie.
var stacks = [...]struct{ first, pages addr.HVA }{
	{pageStack, stackPages}, {pageTrap, trapPages}, {pageNMI, istPages}, {pageDF, istPages}, {pageMC, istPages}, {pageDB, istPages},
}

// mapArea gives processor i its area. It reports false if the home is full.
//
//go:nosplit
func mapArea(s *pages.Space, i uint64) bool {
	base := block(i)
	ok := s.MapNew(base+pageBlock*addr.PageSize, pages.RW) && s.MapNew(base+pageTables*addr.PageSize, pages.RW)
	for k := range &stacks {
		for p := addr.HVA(0); p < stacks[k].pages; p++ {
			ok = ok && s.MapNew(base+(stacks[k].first+p)*addr.PageSize, pages.RW)
		}
	}
	return ok
}

// top returns the first address after a stack of n pages from page first.
//
//go:nosplit
func top(base, first, n addr.HVA) uint64 { return uint64(base + (first+n)*addr.PageSize) }

// fillArea writes processor i's block and descriptor tables.
//
//go:nosplit
func fillArea(i uint64, apicID uint32) {
	base := block(i)
	tables := base + pageTables*addr.PageSize
	c := cpuAt(base)
	c.self = uint64(base)
	c.flags = 2 // what is always 1
	c.index = i
	c.apicID = uint64(apicID)
	c.stack = top(base, pageStack, stackPages)
	c.trapSP = top(base, pageTrap, trapPages)
	c.gdt = uint64(tables)
	c.tr = uint64(tables + tssAt)
	writeTSS(tables+tssAt, [7]uint64{
		istTrap: c.trapSP,
		istNMI:  top(base, pageNMI, istPages),
		istDF:   top(base, pageDF, istPages),
		istMC:   top(base, pageMC, istPages),
		istDB:   top(base, pageDB, istPages),
	})
	writeGDT(tables, tables+tssAt)
}
