package x86

// CopyPages copies n 4 KiB pages. dst and src are aligned and do not overlap.
func CopyPages(dst, src uintptr, n uint64)

// ZeroPages zeroes n 4 KiB pages at dst, which is aligned.
func ZeroPages(dst uintptr, n uint64)

// CopyBytes copies n bytes, upward.
func CopyBytes(dst, src uintptr, n uint64)

// CopyWords copies n words, upward.
func CopyWords(dst, src uintptr, n uint64)

// FoldPage returns a sum of the words of the 4 KiB page at p, which is aligned: a quick
// one, which any change of a single word changes.
func FoldPage(p uintptr) uint64

// FoldAt returns where the code of FoldPage lies.
func FoldAt() uintptr
