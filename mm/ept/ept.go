// Package ept is a partition's memory as its processors see it.
//
// The one idea: an extended page table is changed by single stores to its
// entries, so that at every instruction it maps a partition's memory and nothing else.
package ept

import (
	"errors"

	"perdure/mm/addr"
	"perdure/mm/kept"
)

// Perm is what a partition may do with a page.
type Perm uint64

// Permissions. SDM Vol. 3C, "EPT Translation Mechanism".
const (
	R Perm = 1 << iota
	W
	X
	RW  = R | W
	RWX = R | W | X
)

// MemType is how memory is cached, in the manual's numbers.
type MemType uint64

// Memory types.
const (
	UC MemType = 0
	WC MemType = 1
	WT MemType = 4
	WP MemType = 5
	WB MemType = 6
)

var errNotYet = errors.New("ept: not there")

// Entry is one entry of a table.
type Entry uint64

// Table is the extended page table of one partition.
type Table struct {
	root  addr.HPA
	owner kept.Owner
}

// New returns an empty table whose pages belong to o.
func New(o kept.Owner) (*Table, error) { return nil, errNotYet }

// Open returns the table that an EPT pointer leads to.
func Open(eptp uint64) *Table { return &Table{} }

// Pointer returns the EPT pointer for a VMCS.
func (t *Table) Pointer() uint64 { return uint64(t.root) }

// Map makes [gpa, gpa+size) the memory at hpa.
func (t *Table) Map(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType) error { return errNotYet }

// Unmap makes [gpa, gpa+size) nothing.
func (t *Table) Unmap(gpa addr.GPA, size uint64) error { return errNotYet }

// Protect changes what may be done with the mapped pages of [gpa, gpa+size).
func (t *Table) Protect(gpa addr.GPA, size uint64, p Perm) error { return errNotYet }

// Walk returns the entry that maps gpa and its level.
func (t *Table) Walk(gpa addr.GPA) (e Entry, level int, ok bool) { return 0, 0, false }

// Memory returns where gpa lies.
//
//go:nosplit
func Memory(eptp uint64, gpa addr.GPA) (hpa addr.HPA, ok bool) { return 0, false }

// Each calls f for every page that a table maps.
func Each(eptp uint64, f func(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType)) {}
