package kept

import (
	"errors"
	"strconv"
	"sync/atomic"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

// Owner says for whom a page of the arena is: the hypervisor itself, or the
// partition whose id is one less.
type Owner uint16

// Hypervisor owns what belongs to no partition.
const Hypervisor Owner = 0

// tag says whose a page is: a code in the low half, its complement in the high
// one, so that a damaged tag shows.
type tag uint32

// Codes of a tag. An owner's code is the owner plus one.
const (
	tagFree  = 0
	tagFixed = 0xffff // the root page, the tags, and tables
)

func newTag(code uint16) tag { return tag(code) | tag(^code)<<16 }

// code returns t's code; ok is false if it is damaged.
func (t tag) code() (code uint16, ok bool) { return uint16(t), uint16(t) == ^uint16(t>>16) }

// tagPages returns how many pages the tags of n pages take.
func tagPages(n uint64) uint64 { return (4*n + addr.PageSize - 1) / addr.PageSize }

// maxOwner is the highest owner that has a code.
const maxOwner = tagFixed - 2

var errOwner = errors.New("kept state: no such owner")

// Page returns a page of zeros that belongs to o.
func Page(o Owner) (addr.HPA, error) { return Pages(o, 1) }

// Pages returns n pages of zeros, one after the other, that belong to o.
func Pages(o Owner, n uint64) (addr.HPA, error) {
	if o > maxOwner {
		return 0, errOwner
	}
	return pages(uint16(o)+1, n)
}

// pages claims n pages in a row.
func pages(code uint16, n uint64) (addr.HPA, error) {
	if arena.root == nil {
		return 0, errNoArena
	}
	if n == 0 || n > arena.pages {
		return 0, full(n)
	}
	begin := atomic.LoadUint64(&arena.hint)
	for tried := uint64(0); tried < arena.pages; {
		i := (begin + tried) % arena.pages
		if i+n > arena.pages { // does not fit before the end: go on at the beginning
			tried += arena.pages - i
			continue
		}
		got := claim(i, n, code)
		if got == n {
			at := arena.base + addr.HPA(i*addr.PageSize)
			phys.Zero(at, n*addr.PageSize)
			if n == 1 {
				atomic.StoreUint64(&arena.hint, i+1)
			}
			return at, nil
		}
		tried += got + 1
	}
	return 0, full(n)
}

// claim gives pages i to i+n-1 a code if all are free, and returns how many
// were; if not all, none has changed.
func claim(i, n uint64, code uint16) uint64 {
	for k := range n {
		if !swap(i+k, tagFree, code) {
			for j := range k {
				swap(i+j, code, tagFree)
			}
			return k
		}
	}
	return n
}

// swap changes the code of page i, if it is from.
func swap(i uint64, from, to uint16) bool {
	return atomic.CompareAndSwapUint32((*uint32)(&arena.tags[i]), uint32(newTag(from)), uint32(newTag(to)))
}

// Free gives back one page of o.
func Free(o Owner, a addr.HPA) error {
	i := uint64(a-arena.base) / addr.PageSize
	if o > maxOwner || a < arena.base || i >= arena.pages || !a.Aligned(addr.PageSize) || !swap(i, uint16(o)+1, tagFree) {
		return errOwner
	}
	return nil
}

// FreeOwner takes back all pages of o and returns how many there were.
func FreeOwner(o Owner) (n uint64) {
	if o > maxOwner {
		return 0
	}
	for i := range arena.tags {
		if swap(uint64(i), uint16(o)+1, tagFree) {
			n++
		}
	}
	atomic.StoreUint64(&arena.hint, 0)
	return n
}

// OwnerOf returns who has the page at a; ok is false if no owner has.
func OwnerOf(a addr.HPA) (o Owner, ok bool) {
	i := uint64(a-arena.base) / addr.PageSize
	if a < arena.base || i >= arena.pages {
		return 0, false
	}
	code, ok := arena.tags[i].code()
	if !ok || code == tagFree || code == tagFixed {
		return 0, false
	}
	return Owner(code - 1), true
}

// Owned returns how many pages belong to o.
func Owned(o Owner) uint64 { return count(newTag(uint16(o) + 1)) }

// Used returns how many bytes of the arena are in use.
func Used() uint64 { return (arena.pages - count(newTag(tagFree))) * addr.PageSize }

func count(want tag) (n uint64) {
	for _, t := range arena.tags {
		if t == want {
			n++
		}
	}
	return n
}

// full says that there are no n free pages in a row.
func full(n uint64) error {
	free := count(newTag(tagFree))
	return errors.New("kept state is full: " + strconv.FormatUint(n, 10) + " pages in a row are asked for, " +
		strconv.FormatUint(free, 10) + " of " + strconv.FormatUint(arena.pages, 10) + " are free")
}
