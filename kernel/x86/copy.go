package x86

// CopyPages copies n 4 KiB pages. dst and src are aligned and do not overlap.
func CopyPages(dst, src uintptr, n uint64)

// ZeroPages zeroes n 4 KiB pages at dst, which is aligned.
func ZeroPages(dst uintptr, n uint64)

// CopyBytes copies n bytes, upward.
func CopyBytes(dst, src uintptr, n uint64)

// CopyWords copies n words, upward.
func CopyWords(dst, src uintptr, n uint64)
