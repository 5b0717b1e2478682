package kernel

import "perdure/mm/addr"

// SeatMagic and SeatVersion begin every seat that this build understands.
const (
	SeatMagic   = 0x544145535f455650 // "PVE_SEAT"
	SeatVersion = 1
)

// Seat is how an instance is entered that stands in Golden and is sealed: by
// loading its state, or by making it the host state of a VMCS, whose next exit
// then arrives in it. It is a page of the instance's own; another instance finds
// it by its physical address. All other addresses are the instance's.
//
// Entering it is what a microreset does: Golden returns true on each processor,
// and nothing volatile is carried over.
type Seat struct {
	Magic, Version uint64
	CPUs           uint64
	CR3            uint64 // of the pristine set of frames
	Arrive         uint64 // where a processor that loads its state goes on, with DI = Block
	Return         uint64 // the same, after a failure of an instance that it was given to
	Exit           uint64 // where a VM exit lands
	IDT            uint64
	CS, SS, TR     uint64 // selectors
	CPU            [MaxCPUs]SeatCPU
}

// SeatCPU is one processor's part of a seat.
type SeatCPU struct {
	Block uint64 // GS base
	FS    uint64
	GDT   uint64
	TSS   uint64
	Frame uint64 // the stack on which the exit stub finds a caller
}

// Alike reports whether two seats have everything that a processor must know at
// the same addresses, but for tables, code and threads.
func (s *Seat) Alike(t *Seat) bool {
	if s.IDT != t.IDT || s.CS != t.CS || s.SS != t.SS || s.TR != t.TR || s.CPUs != t.CPUs {
		return false
	}
	for i := range s.CPU {
		a, b := &s.CPU[i], &t.CPU[i]
		if a.Block != b.Block || a.GDT != b.GDT || a.TSS != b.TSS {
			return false
		}
	}
	return true
}

// Came says how a processor came back from Golden.
type Came uint64

// Ways back.
const (
	CameReset Came = iota // a microreset, or not at all
	CameLoad              // handed over: its state was loaded
	CameExit              // handed over: by a VM exit, which nobody has looked at
	CameBack              // returned by an instance that failed; nothing is at rest
)

// Where the fixed region has its two pages for handing over: the seat, and the
// instructions that change from one instance's tables to another's. The latter
// are at the same address in both, and the same.
const (
	seatAt   = addr.FixedBase + 6*addr.PageSize
	bridgeAt = addr.FixedBase + 7*addr.PageSize
)

// frameAt is where in a processor's page its Frame lies. Below it is the place
// that FS-relative accesses of entries use.
const frameAt = 3072
