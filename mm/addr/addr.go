// Package addr gives every address that the hypervisor handles a type that says
// which address space it belongs to.
//
// The one idea: an address without its space is a bug waiting to be made, so
// each space is a type and there is no arithmetic between them.
package addr

// Page sizes of the processor, in bytes. SDM Vol. 3A, "Paging".
const (
	PageShift = 12
	PageSize  = 1 << PageShift
	Page2M    = 2 << 20
	Page1G    = 1 << 30
)

// Virtual address map of an instance; docs/memory-map.md tells the whole.
const (
	ImageBase  HVA = 0x40000000         // the instance's code and data, wherever its home lies
	FixedBase  HVA = 0x60000000         // per-processor blocks, descriptor tables, stacks: an instance's own, never thrown away
	HeapBase   HVA = 0xc000000000       // the Go heap
	DirectBase HVA = 0xffff800000000000 // all physical memory, at DirectBase plus its address
)

// HPA is a host-physical address: what the memory bus sees.
type HPA uint64

// GPA is a guest-physical address: what a partition believes is memory. It
// becomes an HPA only by a walk of that partition's EPT.
type GPA uint64

// GVA is a guest-virtual address; it means nothing without a guest's CR3.
type GVA uint64

// HVA is an address that the hypervisor itself can load from.
type HVA uintptr

// Frame is a host page frame number, the unit that ownership is kept in.
type Frame uint64

// HVA returns where the hypervisor sees a in its direct map of all memory.
//
//go:nosplit
func (a HPA) HVA() HVA { return DirectBase + HVA(a) }

// HPA returns the physical address of v, which must lie in the direct map.
//
//go:nosplit
func (v HVA) HPA() HPA { return HPA(v - DirectBase) }

// Frame returns the frame that holds a.
//
//go:nosplit
func (a HPA) Frame() Frame { return Frame(a >> PageShift) }

// Addr returns the first byte of f.
//
//go:nosplit
func (f Frame) Addr() HPA { return HPA(f) << PageShift }

// Aligned reports whether a is a multiple of size, a power of two.
//
//go:nosplit
func (a HPA) Aligned(size uint64) bool { return uint64(a)&(size-1) == 0 }

// AddLen returns the end of [a, a+n); ok is false if that wraps.
//
//go:nosplit
func (a GPA) AddLen(n uint64) (end GPA, ok bool) {
	end = a + GPA(n)
	return end, end >= a
}
