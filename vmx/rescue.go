package vmx

import (
	"perdure/kernel"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx/vmcs"
)

// pushed gives, in the order of Regs, the registers of a frame.
//
//go:nosplit
func pushed(fr *personality.Frame) [15]uint64 {
	return [15]uint64{
		R15: fr.R15, R14: fr.R14, R13: fr.R13, R12: fr.R12, R11: fr.R11, R10: fr.R10, R9: fr.R9, R8: fr.R8,
		RDI: fr.RDI, RSI: fr.RSI, RBP: fr.RBP, RBX: fr.RBX, RDX: fr.RDX, RCX: fr.RCX, RAX: fr.RAX,
	}
}

// between tells, without the program counter, whether the exit stub or Enter was
// interrupted while the stack was a context or the registers a guest's. Both leave the
// flags as they find them there: after an exit none of them is set, and Enter sets some.
//
//go:nosplit
func between(fr *personality.Frame) kernel.Torn {
	const arithmetic = 0x8d5 // OF SF ZF AF PF CF
	top := vmcs.HostRSP.Read()
	c := contextAt(top)
	switch {
	case c == nil:
		return kernel.TornNot
	case fr.RSP-(top-15*8) <= 15*8:
		if c.Reason == NoExit && fr.RFLAGS&arithmetic == 0 {
			return kernel.TornSaving
		}
		return kernel.TornStack
	case c.Reason == NoExit && fr.RSP == c.HostSP && fr.RBX == top:
		return kernel.TornSaving
	}
	return kernel.TornNot
}

// rescue does what the exit stub had still to do when it was interrupted: what it
// has not pushed yet is in the frame, and it changes no SSE register.
//
//go:nosplit
func rescue(fr *personality.Frame, fx addr.HVA) {
	top := vmcs.HostRSP.Read()
	c := contextAt(top)
	if c == nil {
		return
	}
	regs := pushed(fr)
	base := top - 15*8
	if fr.RSP >= base && fr.RSP <= top { // else it has pushed all, and is on another stack
		for i := uint64(0); i < (fr.RSP-base)/8; i++ {
			c.Regs[i] = regs[i]
		}
	}
	takeSSE(c, fx)
	if fr.Kind != x86.VectorPF {
		c.CR2 = readCR2()
	}
	c.TSC = x86.RDTSC()
	c.RIP, c.Len = vmcs.GuestRIP.Read(), uint64(vmcs.ExitInstructionLength.Read())
	c.Reason = uint64(vmcs.ExitReason.Read())
}
