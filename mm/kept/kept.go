// Package kept is the memory of what must outlive an instance.
//
// The one idea: one arena, found through its first page, in which every table
// has a name and every page an owner; whoever finds the first page finds all.
package kept

import (
	"errors"

	"perdure/mm/addr"
)

// DefaultSize is the arena's size unless more is asked for.
const DefaultSize = 8 << 20

// Owner says for whom a page of the arena is: the hypervisor itself, or the
// partition whose id is one less.
type Owner uint16

// Hypervisor owns what belongs to no partition.
const Hypervisor Owner = 0

var errNoArena = errors.New("kept state has no memory yet")

// Start makes [base, base+size) the arena, with nothing in it.
func Start(base addr.HPA, size uint64) error { return errNoArena }

// Attach finds the arena that another instance left, by its root page.
func Attach(root addr.HPA) error { return errNoArena }

// Page returns a page of zeros that belongs to o.
func Page(o Owner) (addr.HPA, error) { return Pages(o, 1) }

// Pages returns n pages of zeros, one after the other, that belong to o.
func Pages(o Owner, n uint64) (addr.HPA, error) { return 0, errNoArena }

// FreeOwner takes back all pages of o.
func FreeOwner(o Owner) {}

// Owned returns how many pages belong to o.
func Owned(o Owner) uint64 { return 0 }

// Used returns how many bytes of the arena are in use.
func Used() uint64 { return 0 }

// Size returns the arena's size in bytes.
func Size() uint64 { return 0 }

// Table returns the table of kind k, count records of type T, which are zeros
// when the table is new.
func Table[T any](k Kind, count int) ([]T, error) { return nil, errNoArena }
