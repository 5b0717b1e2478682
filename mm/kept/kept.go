// Package kept is the memory of what must outlive the instance: records of
// fixed layout and pages that the processor works on, in one arena outside
// every home.
//
// The one idea: kept state is found from one root page and holds no pointers,
// so that any instance that has the arena's address has everything.
//
// The arena, from its first byte: the root page; the owners of all its pages, a
// word each; tables of records, upward; free pages; pages handed out, downward.
package kept

import (
	"errors"

	"perdure/mm/addr"
)

// DefaultSize is the arena's size unless an option says otherwise.
const DefaultSize = 8 << 20

// Magic and Version are what a root page begins with. The version counts
// changes of the arena's own layout; records have versions of their own.
const (
	Magic   = 0x65727564726550 // "Perdure", a zero byte
	Version = 1
)

// maxTables is the number of tables that a root page has room for.
const maxTables = 64

// table is one entry of the root page's directory.
type table struct {
	Kind, Offset, Stride, Count uint64
}

// root is the first page of the arena: a kept record.
//
// At rest: no page below First is free, and Sum is right. It changes only when
// a table is made.
type root struct {
	Header
	Magic   uint64
	Version uint64
	Base    uint64 // the arena's HPA
	Bytes   uint64 // its size
	First   uint64 // offset of the first byte behind the tables
	Tables  [maxTables]table
}

// Owner says whom a page of the arena belongs to, so that all pages of a
// partition can be given back at once. 0 is nobody: the page is free.
type Owner uint64

// Owners that are no partitions. A partition's owner is its index plus 1.
const (
	Nobody    Owner = 0
	Arena     Owner = 1 << 32 // the arena's own pages, tables of records included
	Processor Owner = 1<<32 + 1
	Device    Owner = 1<<32 + 2
)

var (
	errNoArena = errors.New("kept: there is no arena")
	errFull    = errors.New("kept: the arena is full; give the hypervisor more with kept=")
	errDirFull = errors.New("kept: the directory of tables is full")
	errSmall   = errors.New("kept: the arena is too small")
	errForeign = errors.New("kept: this is no arena, or one of another version")
	errDamaged = errors.New("kept: the root page is damaged")
	errLayout  = errors.New("kept: a table has records of another size or number")
)

// arena is where the arena is seen: all that a program remembers of it, found
// again by Adopt.
var arena struct {
	r      *root
	owners []Owner // by page
}

// Create makes an empty arena in size bytes at base, which the caller owns. All
// of it becomes zero.
func Create(base addr.HPA, size uint64) error {
	pages := size / addr.PageSize
	own := (pages*8 + addr.PageSize - 1) &^ (addr.PageSize - 1)
	if pages < 8 || !base.Aligned(addr.PageSize) {
		return errSmall
	}
	zero(base, pages)
	open(base, pages)
	r := arena.r
	r.Init(KindRoot, rootSize)
	r.Magic, r.Version = Magic, Version
	r.Base, r.Bytes = uint64(base), pages*addr.PageSize
	r.First = addr.PageSize + own
	for i := uint64(0); i < r.First/addr.PageSize; i++ {
		arena.owners[i] = Arena
	}
	r.Seal()
	return nil
}

// Adopt takes over an arena that an earlier life of this program, or another
// instance, has made.
func Adopt(base addr.HPA) error {
	if !base.Aligned(addr.PageSize) {
		return errForeign
	}
	r := rootAt(base)
	if r.Magic != Magic || r.Version != Version || r.Base != uint64(base) {
		return errForeign
	}
	if !r.Check() || r.Header.Size != rootSize || r.First > r.Bytes {
		return errDamaged
	}
	open(base, r.Bytes/addr.PageSize)
	return nil
}

// Base returns where the arena lies and how large it is.
func Base() (addr.HPA, uint64) {
	if arena.r == nil {
		return 0, 0
	}
	return addr.HPA(arena.r.Base), arena.r.Bytes
}

// reserve returns the offset of n bytes for a table, whole pages of them.
func reserve(kind Kind, stride, n uint64) (offset uint64, err error) {
	r := arena.r
	if r == nil {
		return 0, errNoArena
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		if Kind(t.Kind) == kind {
			if t.Stride != stride || t.Count != n {
				return 0, errLayout
			}
			return t.Offset, nil
		}
		if t.Kind != 0 {
			continue
		}
		end := (r.First + stride*n + addr.PageSize - 1) &^ (addr.PageSize - 1)
		for p := r.First / addr.PageSize; p < end/addr.PageSize; p++ {
			if p >= uint64(len(arena.owners)) || arena.owners[p] != Nobody {
				return 0, errFull
			}
		}
		for p := r.First / addr.PageSize; p < end/addr.PageSize; p++ {
			arena.owners[p] = Arena
		}
		*t = table{uint64(kind), r.First, stride, n}
		offset, r.First = r.First, end
		r.Seal()
		return offset, nil
	}
	return 0, errDirFull
}
