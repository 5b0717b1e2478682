package kernel

import (
	"perdure/boot"
	"perdure/kernel/pages"
	"perdure/mm/addr"
)

// Where the fixed region has what belongs to no processor.
const (
	idtAt     = addr.FixedBase
	machineAt = addr.FixedBase + addr.PageSize
	failAt    = addr.FixedBase + 2*addr.PageSize
	crashAt   = failAt + crashOff
	keepAt    = addr.FixedBase + 3*addr.PageSize
	logsAt    = addr.FixedBase + 4*addr.PageSize // two pages
	twinsAt   = addr.FixedBase + 8*addr.PageSize // twinPages; the seat has what lies between
)

// TwinWords is how much room Twins has.
const (
	twinPages = 6
	TwinWords = twinPages * addr.PageSize / 8
)

// crashOff is where the page of the epitaph has the crash.
const crashOff = 512

// machine is what the instance knows of itself and of its processors, and must
// not forget in a reset.
type machine struct {
	page  *boot.Page
	space pages.Space
	busy  uint32 // space is being changed
	_     uint32
	cpus  uint64
	tscHz uint64
	nanos uint64 // nanoseconds per TSC tick, times 2^32
	pcid  uint64
	epoch uint64 // TSC when this instance began; time counts from here
	said  uint64 // what CPUID claims for tscHz, 0 nothing
	set   goldenState
}

// early holds the machine until the fixed region exists.
var early machine
