package pages

import "perdure/mm/addr"

// VolatileAt returns the address of volatile page i of a golden copy.
//
//go:nosplit
func (s *Space) VolatileAt(g *Golden, i uint64) addr.HVA {
	return addr.HVA(load(s.at(g.Table+addr.HPA(i*entrySize)) + entryVA))
}
