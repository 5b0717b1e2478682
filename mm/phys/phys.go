// Package phys is physical memory as the hypervisor's own loads and stores see it.
//
// The one idea: one window shows all of it, and a host test puts ordinary
// memory behind that window; nobody else turns a physical address into a pointer.
package phys

import "perdure/mm/addr"

// Zero clears n bytes at a, both multiples of 8.
//
//go:nosplit
func Zero(a addr.HPA, n uint64) {
	for end := a + addr.HPA(n); a < end; a += 8 {
		Store(a, 0)
	}
}
