// Package kept is the memory of what must outlive an instance.
//
// The one idea: one arena, found through its first page, in which every table
// has a name and every page an owner; whoever finds the first page finds all.
//
// The arena's first page is the root page: what the arena is, and a directory
// of tables. The second page has room for another directory, for an instance
// that has other tables; see stage.go. After it come the tags, a word for each
// page of the arena that says whose it is. All other pages are given out: to
// tables, which stay for good, or to owners, who give all of theirs back at
// once. No lock guards a page: a tag changes in one step, so a reset at any
// instruction leaves a page either free or owned.
package kept

import (
	"errors"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

// DefaultSize is the arena's size unless more is asked for, MaxSize the most
// that can be.
const (
	DefaultSize = 8 << 20
	MaxSize     = 1 << 30
)

// What the root page begins with.
const (
	rootMagic   = 0x4550454b45445250 // "PRDEKEPE"
	rootVersion = 2
)

// root is the root page: a kept record. Its header covers what the arena is,
// which never changes; each line of the directory has a sum of its own.
type root struct {
	head
	InForce uint64 // which directory is, and the complement in the high half
	Change  line   // where the Change lies that leads from one to the other, if there is one
	Tables  directory
}

// directory has a line for each table.
type directory [maxKinds]line

// fixedPages are the root page and that of the other directory.
const fixedPages = 2

// head is what the arena is.
type head struct {
	Header
	Magic   uint64
	Version uint64
	Base    addr.HPA
	Bytes   uint64
}

// arena is what this instance knows of it: derived from the root page.
var arena struct {
	base  addr.HPA
	pages uint64
	root  *root
	dirs  [2]*directory
	own   uint64 // the directory with this instance's tables
	tags  []tag
	hint  uint64 // the page at which the search for a free one begins
}

// Errors of Start and Attach.
var (
	errUnaligned = errors.New("kept state: the arena is not made of whole pages")
	errSize      = errors.New("kept state: the arena is too small or larger than 1 GiB")
	errNoRoot    = errors.New("kept state: there is no root page at the address given")
	errVersion   = errors.New("kept state: the arena was written by a version with another layout")
	errDamaged   = errors.New("kept state: the root page is damaged")
)

// Start makes [base, base+size) the arena, with nothing in it.
func Start(base addr.HPA, size uint64) error {
	if !base.Aligned(addr.PageSize) || size%addr.PageSize != 0 {
		return errUnaligned
	}
	fixed := fixedPages + tagPages(size/addr.PageSize)
	if size > MaxSize || size/addr.PageSize <= fixed {
		return errSize
	}
	phys.Zero(base, fixedPages*addr.PageSize)
	use(base, size)
	arena.root.InForce = newChoice(0)
	for i := range arena.tags {
		arena.tags[i] = newTag(tagFree)
	}
	for i := range fixed {
		arena.tags[i] = newTag(tagFixed)
	}
	h := &arena.root.head
	h.Magic, h.Version, h.Base, h.Bytes = rootMagic, rootVersion, base, size
	Seal(h, KindRoot)
	return nil
}

// Attach finds the arena that another instance left, by its root page. It
// writes nothing.
func Attach(at addr.HPA) error {
	if at == 0 || !at.Aligned(addr.PageSize) {
		return errNoRoot
	}
	h := &rootAt(at).head
	switch {
	case h.Magic != rootMagic:
		return errNoRoot
	case h.Version != rootVersion:
		return errVersion
	case !Sealed(h, KindRoot) || h.Base != at || h.Bytes > MaxSize:
		return errDamaged
	}
	n, ok := choice(rootAt(at).InForce)
	if !ok {
		return errDamaged
	}
	use(h.Base, h.Bytes)
	arena.own = n
	return nil
}

// use makes [base, base+size) the arena of this instance.
func use(base addr.HPA, size uint64) {
	arena.base, arena.pages = base, size/addr.PageSize
	arena.root = rootAt(base)
	arena.dirs = [2]*directory{&arena.root.Tables, directoryAt(base + addr.PageSize)}
	arena.tags = tagsAt(base+fixedPages*addr.PageSize, arena.pages)
	arena.hint, arena.own = 0, 0
}

// Root returns the address of the root page: what a next instance is told. It
// is 0 before Start.
func Root() addr.HPA { return arena.base }

// Size returns the arena's size in bytes.
func Size() uint64 { return arena.pages * addr.PageSize }
