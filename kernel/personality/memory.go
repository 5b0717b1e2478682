package personality

// The runtime reserves large stretches of addresses and then asks for parts of
// them. Only what it may touch is on the list of areas; their pages come one by
// one, until package kernel seals the instance.
const maxAreas = 64

// Area is a stretch of addresses that the runtime may read and write.
type Area struct{ Start, End uint64 }

var (
	areas    [maxAreas]Area
	nareas   uint64
	nextHint uint64 = 0x7f0000000000
	// Limit ends the heap: areas between HeapStart and the reservation's end lie below it.
	HeapStart uint64
	HeapEnd   uint64
)

const (
	protWrite = 2
	mapFixed  = 0x10
)

// mmap reserves addresses, or makes them usable.
//
//go:nosplit
func mmap(fr *Frame) {
	n := (fr.RSI + 4095) &^ 4095
	a := fr.RDI &^ 4095
	lock()
	if a == 0 {
		a = nextHint
		nextHint += n + 4096
	}
	ok := true
	if fr.RDX&protWrite != 0 {
		ok = addArea(a, a+n)
	}
	unlock()
	fr.RAX = a
	if !ok {
		fr.RAX = errno(eNoMem)
	}
}

// addArea puts [a, e) on the list, joined with its neighbours. The heap does
// not grow beyond its end.
//
//go:nosplit
func addArea(a, e uint64) bool {
	if a < HeapEnd+heapReserve && e > HeapEnd && a >= HeapStart {
		return false
	}
	for i := uint64(0); i < nareas; i++ {
		v := area(i)
		if a <= v.End && e >= v.Start {
			v.Start, v.End = min(v.Start, a), max(v.End, e)
			return true
		}
	}
	if nareas >= maxAreas {
		return false
	}
	*area(nareas) = Area{a, e}
	nareas++
	return true
}

// heapReserve is how far after its end the heap may be reserved.
const heapReserve = 1 << 40

// Usable reports whether the runtime may touch va.
//
//go:nosplit
func Usable(va uint64) bool {
	for i := uint64(0); i < nareas; i++ {
		if v := area(i); va >= v.Start && va < v.End {
			return true
		}
	}
	return false
}

// AreaAt returns the i-th area; ok is false after the last.
//
//go:nosplit
func AreaAt(i uint64) (v Area, ok bool) {
	if i >= nareas {
		return Area{}, false
	}
	return *area(i), true
}

// madvise makes pages zeros when asked to: the runtime relies on it and does
// not clear what it gave back. Doing nothing corrupts the heap much later.
//
//go:nosplit
func madvise(fr *Frame) {
	const dontNeed = 4
	if fr.RDX == dontNeed {
		for a := fr.RDI &^ 4095; a < fr.RDI+fr.RSI; a += 4096 {
			Clear(uintptr(a))
		}
	}
	fr.RAX = 0
}
