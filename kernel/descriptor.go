package kernel

import "perdure/mm/addr"

// Selectors of the GDT, the same on every processor.
const (
	selCode = 0x08
	selData = 0x10
	selTSS  = 0x18
	gdtSize = 0x28
	tssAt   = 0x80 // in the page of the GDT
	tssSize = 104
)

// Descriptors. SDM Vol. 3A, "Segment Descriptors".
const (
	descCode = 0x00af9a000000ffff // 64-bit, ring 0
	descData = 0x00cf92000000ffff
	descTSS  = 0x0000890000000000 // available 64-bit TSS
	descGate = 0x00008e0000000000 // interrupt gate, ring 0
)

// writeGDT writes a processor's GDT at gdt.
//
//go:nosplit
func writeGDT(gdt, tss addr.HVA) {
	put(gdt, 0)
	put(gdt+selCode, descCode)
	put(gdt+selData, descData)
	lo, hi := tssDescriptor(uint64(tss))
	put(gdt+selTSS, lo)
	put(gdt+selTSS+8, hi)
}

// tssDescriptor returns the two halves of the descriptor of a TSS at base.
//
//go:nosplit
func tssDescriptor(base uint64) (lo, hi uint64) {
	return descTSS | tssSize - 1 | base&0xffffff<<16 | base>>24&0xff<<56, base >> 32
}

// writeTSS writes a TSS whose interrupt stacks end at ist; ist[0] is unused.
// SDM Vol. 3A, "Task Management in 64-bit Mode".
//
//go:nosplit
func writeTSS(tss addr.HVA, ist [7]uint64) {
	// Its fields lie at addresses that are 4 modulo 8.
	prev := uint64(0)
	for i := addr.HVA(1); i <= 7; i++ {
		v := uint64(0)
		if i < 7 {
			v = ist[i]
		}
		put(tss+0x20+(i-1)*8, prev>>32|v<<32)
		prev = v
	}
	put(tss+0x60, tssSize<<48) // no I/O permission map
}

// gate returns the two halves of an interrupt gate to handler on an interrupt stack.
//
//go:nosplit
func gate(handler uint64, ist uint64) (lo, hi uint64) {
	return descGate | handler&0xffff | selCode<<16 | ist<<32 | handler>>16&0xffff<<48, handler >> 32
}
