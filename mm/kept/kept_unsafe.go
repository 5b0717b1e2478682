package kept

import (
	"unsafe"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

// The root page is one page, and headers and lines are whole words.
var (
	_ [addr.PageSize - unsafe.Sizeof(root{})]byte
	_ [addr.PageSize - unsafe.Sizeof(directory{})]byte
	_ [unsafe.Sizeof(Header{}) % 8]byte = [0]byte{}
)

// lineWords is the number of words of a line before its sum.
const lineWords = unsafe.Offsetof(line{}.Sum) / 8

// rootAt returns the root page at a.
func rootAt(a addr.HPA) *root {
	// SAFETY: a is a page that the caller owns or is about to check; it stays in the window.
	return (*root)(phys.At(a))
}

// directoryAt returns the directory at a.
func directoryAt(a addr.HPA) *directory {
	// SAFETY: the page after the root page is for nothing else.
	return (*directory)(phys.At(a))
}

// tagsAt returns the tags of n pages.
func tagsAt(a addr.HPA, n uint64) []tag {
	// SAFETY: the pages after the directories hold them; tagPages made room.
	return unsafe.Slice((*tag)(phys.At(a)), n)
}

// recordsAt returns count records at a.
func recordsAt[T any](a addr.HPA, count int) []T {
	// SAFETY: a line of the directory says that these pages hold this table.
	return unsafe.Slice((*T)(phys.At(a)), count)
}

// wordsOf returns r, a record of whole words, as these.
func wordsOf[T any](r *T) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(r)), unsafe.Sizeof(*r)/8) // SAFETY: they are within r.
}

// sizeOf returns the size of a record.
func sizeOf[T any]() uint64 {
	var r T
	return uint64(unsafe.Sizeof(r))
}

// Seal makes r, a record that begins with a Header, one at rest.
//
//go:nosplit
func Seal[T any](r *T, k Kind) {
	h := (*Header)(unsafe.Pointer(r)) // SAFETY: r begins with it.
	h.Seq++
	h.Kind = k
	h.Sum = sum(unsafe.Pointer(r), unsafe.Sizeof(*r))
}

// Sealed reports whether r, a record that begins with a Header, is at rest, of
// kind k and undamaged.
//
//go:nosplit
func Sealed[T any](r *T, k Kind) bool {
	h := (*Header)(unsafe.Pointer(r)) // SAFETY: r begins with it.
	return h.Kind == k && h.Sum == sum(unsafe.Pointer(r), unsafe.Sizeof(*r))
}

// sum returns the sum of the n bytes at p, but for the first word, which has it.
//
//go:nosplit
func sum(p unsafe.Pointer, n uintptr) uint64 {
	s := uint64(offset)
	for i := uintptr(8); i+8 <= n; i += 8 {
		s = mix(s, *(*uint64)(unsafe.Add(p, i))) // SAFETY: within the n bytes of one record.
	}
	return s
}

// sum returns what l.Sum must be.
func (l *line) sum() uint64 {
	s := uint64(offset)
	for i := uintptr(0); i < lineWords; i++ {
		s = mix(s, *(*uint64)(unsafe.Add(unsafe.Pointer(l), 8*i))) // SAFETY: within the line.
	}
	return s | 1 // never 0, which is an empty line's
}
