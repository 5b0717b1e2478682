package abi

import "unsafe"

// Sizes of the records as this version writes them.
const (
	InfoSize      = uint32(unsafe.Sizeof(Info{}))
	ProcessorSize = uint32(unsafe.Sizeof(Processor{}))
	PartitionSize = uint32(unsafe.Sizeof(Partition{}))
	CountersSize  = uint32(unsafe.Sizeof(Counters{}))
	LinesSize     = uint32(unsafe.Sizeof(Lines{}))
	CheckSize     = uint32(unsafe.Sizeof(Check{}))
	ConfigSize    = uint32(unsafe.Sizeof(Config{}))
	EntrySize     = uint32(unsafe.Sizeof(Entry{}))
	RegistersSize = uint32(unsafe.Sizeof(Registers{}))
	WalkSize      = uint32(unsafe.Sizeof(Walk{}))
	NetPortSize   = uint32(unsafe.Sizeof(NetPort{}))
	DiskInfoSize  = uint32(unsafe.Sizeof(DiskInfo{}))
)

// No record is longer than one call can move, and a trace entry never changes.
var (
	_ [MaxBuffer - CountersSize]byte
	_ [MaxBuffer - LinesSize]byte
	_ [TraceEntrySize]byte = [unsafe.Sizeof(TraceEntry{})]byte{}
)

// view returns the memory of *r as bytes.
//
//go:nosplit
func view[T Info | Processor | Partition | Counters | Lines | Check | Config | Entry | Registers | Walk | NetPort | DiskInfo | Restart | Reset | Injection | TraceEntry](r *T) []byte {
	// SAFETY: the record's own memory, which has no padding and no pointers.
	return unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r))
}
