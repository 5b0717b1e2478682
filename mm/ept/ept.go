// Package ept is a partition's memory as its processors see it.
//
// The one idea: an extended page table changes by single stores to its entries,
// so that at every instruction it maps what it did or what it will, and nothing else.
//
// Tables are never given back one by one, since a processor may still hold a way
// through them: they go when their owner goes, after all its processors have
// forgotten it. What is unmapped stays usable until the caller has invalidated
// it on every processor (INVEPT); this package invalidates nothing.
package ept

import (
	"errors"
	"strconv"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

// levels is the depth of a table; the top one has level levels-1.
const (
	levels = 4
	limit  = 1 << 48 // of guest-physical addresses
)

// Table is the extended page table of one partition: a way to it. The table
// itself is in kept state, with all that is to be known of it.
type Table struct {
	root  addr.HPA
	owner kept.Owner
	top   uint   // the highest level that may have pages
	bits  uint   // width of a host-physical address
	flags uint64 // of Pointer
}

// Errors of a request that makes no sense.
var (
	errRange = errors.New("ept: not whole pages, or beyond the end of the address space")
	errPerm  = errors.New("ept: permissions that no processor takes")
	errType  = errors.New("ept: a memory type that no processor takes")
)

// New returns an empty table whose pages belong to o.
func New(o kept.Owner) (*Table, error) {
	root, err := kept.Page(o)
	if err != nil {
		return nil, err
	}
	return Open(uint64(root) | pointerWB | (levels-1)<<3), nil
}

// Bits of an EPT pointer. SDM Vol. 3C, "Extended-Page-Table Pointer (EPTP)".
const (
	pointerWB = uint64(WB) // the walk's own accesses are cached
	pointerAD = 1 << 6     // accessed and dirty flags
)

// Open returns the table that an EPT pointer leads to. What it needs more
// pages for belongs to the owner of the first.
func Open(eptp uint64) *Table {
	root := addr.HPA(eptp & frameMask)
	o, _ := kept.OwnerOf(root)
	return &Table{root: root, owner: o, top: largest(), bits: physicalBits(), flags: eptp &^ frameMask}
}

// Track makes processors note in the table which pages they read and wrote,
// from the next load of Pointer on.
func (t *Table) Track(on bool) {
	t.flags &^= pointerAD
	if on {
		t.flags |= pointerAD
	}
}

// Pointer returns the EPT pointer for a VMCS.
func (t *Table) Pointer() uint64 { return uint64(t.root) | t.flags }

// check returns what is wrong with a range.
func check(gpa addr.GPA, size uint64) error {
	if uint64(gpa)%addr.PageSize != 0 || size%addr.PageSize != 0 || size > limit || uint64(gpa) > limit-size {
		return errRange
	}
	return nil
}

// Map makes [gpa, gpa+size) the memory at hpa, whatever was there before, with
// the largest pages that fit where there is no table of smaller ones yet. If it
// fails for want of memory, a part of the range may be mapped already.
func (t *Table) Map(gpa addr.GPA, hpa addr.HPA, size uint64, p Perm, m MemType) error {
	if err := check(gpa, size); err != nil {
		return err
	}
	switch {
	case !hpa.Aligned(addr.PageSize) || size > 1<<t.bits || uint64(hpa) > 1<<t.bits-size:
		return errRange
	case !p.valid():
		return errPerm
	case !m.valid():
		return errType
	}
	r := change{t: t, kind: mapping, hpa: hpa - addr.HPA(gpa), perm: p, mem: m}
	return r.do(gpa, gpa+addr.GPA(size))
}

// Unmap makes [gpa, gpa+size) nothing.
func (t *Table) Unmap(gpa addr.GPA, size uint64) error {
	if err := check(gpa, size); err != nil {
		return err
	}
	r := change{t: t, kind: unmapping}
	return r.do(gpa, gpa+addr.GPA(size))
}

// Protect changes what may be done with the pages that are mapped in
// [gpa, gpa+size); holes stay holes.
func (t *Table) Protect(gpa addr.GPA, size uint64, p Perm) error {
	if err := check(gpa, size); err != nil {
		return err
	}
	if !p.valid() {
		return errPerm
	}
	r := change{t: t, kind: protecting, perm: p}
	return r.do(gpa, gpa+addr.GPA(size))
}

// Walk returns the entry that maps gpa and its level: 0 for a 4 KiB page, 1 for
// 2 MiB, 2 for 1 GiB.
func (t *Table) Walk(gpa addr.GPA) (e Entry, level int, ok bool) {
	if gpa >= limit {
		return 0, 0, false
	}
	at := t.root
	for l := uint(levels - 1); ; l-- {
		e = Entry(phys.Load(at + addr.HPA(8*index(gpa, l))))
		if !e.Present() || e.leaf(l) {
			return e, int(l), e.Present()
		}
		at = e.HPA()
	}
}

// noRoom says which range could not be changed.
func noRoom(gpa addr.GPA, err error) error {
	return errors.New("ept: no page for a table at 0x" + strconv.FormatUint(uint64(gpa), 16) + ": " + err.Error())
}
