package kernel

import (
	"unsafe"

	"perdure/kernel/fail"
	"perdure/mm/addr"
)

const epitaphSize = unsafe.Sizeof(fail.Epitaph{})

// The blocks fit their pages.
var (
	_ [addr.PageSize - unsafe.Sizeof(CPU{})]byte
	_ [addr.PageSize - unsafe.Sizeof(machine{})]byte
	_ [addr.PageSize - unsafe.Sizeof(Seat{})]byte
	_ [addr.PageSize - crashOff - unsafe.Sizeof(Crash{})]byte
	_ [crashOff - epitaphSize]byte
)

// cpuAt returns the processor block at v.
//
//go:nosplit
func cpuAt(v addr.HVA) *CPU {
	// SAFETY: v is a block of the fixed region, mapped while the instance lives.
	return (*CPU)(unsafe.Add(nil, uintptr(v)))
}

// mach returns the machine.
//
//go:nosplit
func mach() *machine {
	// SAFETY: the page is mapped before the first call.
	return (*machine)(unsafe.Add(nil, uintptr(machineAt)))
}

// epitaph returns this instance's epitaph.
//
//go:nosplit
func epitaph() *fail.Epitaph {
	// SAFETY: as mach.
	return (*fail.Epitaph)(unsafe.Add(nil, uintptr(failAt)))
}

// seat returns this instance's seat.
//
//go:nosplit
func seat() *Seat {
	// SAFETY: as mach.
	return (*Seat)(unsafe.Add(nil, uintptr(seatAt)))
}

// crash returns the other half of that page: what the last failure left.
//
//go:nosplit
func crash() *Crash {
	// SAFETY: as mach.
	return (*Crash)(unsafe.Add(nil, uintptr(crashAt)))
}

// crashAtHVA returns that of another instance.
func crashAtHVA(at addr.HVA) *Crash {
	// SAFETY: at is in the page of a home that is no instance's any more; all memory is mapped.
	return (*Crash)(unsafe.Add(nil, uintptr(at)))
}

// seatAtHVA returns that of another instance.
//
//go:nosplit
func seatAtHVA(at addr.HVA) *Seat {
	// SAFETY: at is a page of the other instance's home, which stays mapped.
	return (*Seat)(unsafe.Add(nil, uintptr(at)))
}

// keep returns the page of Keep.
//
//go:nosplit
func keep() *[addr.PageSize / 8]uint64 {
	// SAFETY: as mach.
	return (*[addr.PageSize / 8]uint64)(unsafe.Add(nil, uintptr(keepAt)))
}

// twins returns the pages of Twins.
//
//go:nosplit
func twins() *[TwinWords]uint64 {
	// SAFETY: as mach.
	return (*[TwinWords]uint64)(unsafe.Add(nil, uintptr(twinsAt)))
}

// put stores 8 bytes in the fixed region or on the first stack.
//
//go:nosplit
func put(a addr.HVA, v uint64) {
	// SAFETY: the callers map what they write.
	*(*uint64)(unsafe.Add(nil, uintptr(a))) = v
}

// get loads 8 bytes.
//
//go:nosplit
func get(a addr.HVA) uint64 {
	// SAFETY: as put.
	return *(*uint64)(unsafe.Add(nil, uintptr(a)))
}

// addressOf returns the address of a Go variable that does not move.
//
//go:nosplit
func addressOf[T any](p *T) uint64 { return uint64(uintptr(unsafe.Pointer(p))) } // SAFETY: only the number is used.

// stringAt returns the address of a string's bytes.
//
//go:nosplit
func stringAt(s string) uint64 { return uint64(uintptr(unsafe.Pointer(unsafe.StringData(s)))) } // SAFETY: only the number is used.

// put32 and get32 are put and get for 4 bytes.
//
//go:nosplit
func put32(a addr.HVA, v uint32) {
	// SAFETY: as put.
	*(*uint32)(unsafe.Add(nil, uintptr(a))) = v
}

//go:nosplit
func get32(a addr.HVA) uint32 {
	// SAFETY: as put.
	return *(*uint32)(unsafe.Add(nil, uintptr(a)))
}
