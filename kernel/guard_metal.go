//go:build metal

package kernel

import (
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// guardRoom is how much stack lies between a guarded call's caller and its caller's
// frame, and guardDepth how much there may be below.
const (
	guardRoom  = 16
	guardDepth = 8 << 10
)

// guarded makes a fault the end of the processor's guarded call, if there is one and the
// faulting function was called from there: so the frames say, of which each has the
// address of the next.
//
//go:nosplit
func (c *CPU) guarded(fr *personality.Frame) bool {
	g := &c.Guard
	if g.BP == 0 || g.BP-fr.RSP > guardDepth || fr.RSP&7 != 0 {
		return false
	}
	cr2 := uint64(0)
	if fr.Kind == x86.VectorPF {
		if cr2 = x86.ReadCR2(); cr2 == fr.RIP {
			return false // the program counter itself is lost
		}
	}
	for low, at := fr.RSP, fr.RBP; at != g.BP; low, at = at+8, get(addr.HVA(at)) {
		if at < low || at > g.BP || at&7 != 0 {
			return false
		}
	}
	g.Fault = Fault{fr.Kind & 0xff, fr.Err, fr.RIP, cr2}
	fr.RIP, fr.RBP, fr.RSP = g.PC, g.BP, g.BP-guardRoom
	fr.RFLAGS = fr.RFLAGS&x86.RFLAGSTF | flagsReserved
	g.BP = 0
	return true
}

// flagsReserved is the bit of RFLAGS that is always set.
const flagsReserved = 1 << 1
