//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/apic"
	"perdure/kernel/fail"
	"perdure/kernel/personality"
	"perdure/kernel/raw"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Bits of a page fault's error code.
const (
	faultPresent = 1 << 0
	faultWrite   = 1 << 1
)

// trap answers an exception: a page for the runtime, the second way out of an
// instruction that may fault, the end of a guarded call, or a signal. fx is the interrupted SSE state.
//
//go:nosplit
func trap(fr *personality.Frame, fx uint64) {
	c := This()
	switch {
	case fr.Kind == x86.VectorDB && stepped(fr, fx):
		return
	case fr.Kind == x86.VectorBP:
		enters(fr)
	}
	if saving(fr.RIP) {
		Rescue(fr, addr.HVA(fx))
		fatalFn(fr)
	}
	if c.depth > 1 {
		fatalFn(fr)
	}
	if fr.Kind == x86.VectorPF && (fr.Err&faultPresent == 0 || fr.Err&faultWrite != 0 && mach().set.taken != 0) {
		if back(uintptr(x86.ReadCR2()), fr.Err&faultWrite != 0) {
			return
		}
	}
	if fr.Kind == x86.VectorUD && switchedOff(fr.RIP) {
		systemCalls()
		return
	}
	if fr.Kind == x86.VectorXM && mask(addr.HVA(fx)) {
		return
	}
	if to := x86.Fixup(fr.RIP); to != 0 {
		fr.RIP = to
		return
	}
	// A fault inside a system call or a trap is ours.
	if addr.HVA(fr.RSP)-addr.FixedBase < fixedSize {
		fatalFn(fr)
	}
	if mach().set.recovers != 0 {
		switch Between(fr) {
		case TornSaving:
			Rescue(fr, addr.HVA(fx))
			fatalFn(fr)
		case TornStack:
			fatalFn(fr)
		}
	}
	c.faults++
	if c.guarded(fr) {
		return
	}
	systemCalls()
	if !signalFn(fr, fx) {
		fatalFn(fr)
	}
}

// switchedOff reports whether the instruction at rip is a SYSCALL that faults
// because a guest's values are in the processor: a panic has begun on the exit
// path.
//
//go:nosplit
func switchedOff(rip uint64) bool {
	const syscall = 0x050f
	return x86.RDMSR(x86.MSREFER)&x86.EFERSCE == 0 && get32(addr.HVA(rip))&0xffff == syscall
}

// mask masks the floating-point exceptions of the interrupted state, whose FXSAVE
// area is at fx; false if they were. Go never unmasks them: a guest's MXCSR was in
// the processor.
//
//go:nosplit
func mask(fx addr.HVA) bool {
	const mxcsr, masked = 24, 0x1f80
	if get32(fx+mxcsr)&masked == masked {
		return false
	}
	put32(fx+mxcsr, masked)
	return true
}

// fixedSize is the most that the fixed region may span.
const fixedSize = 0x10000000

// Calls through variables end the linker's chain of stack.
var (
	fatalFn  = fatalTrap
	signalFn = signal
)

// signal makes an exception the signal that Linux would send.
//
//go:nosplit
func signal(fr *personality.Frame, fx uint64) bool {
	sig, code, at := uint64(personality.SIGSEGV), uint64(personality.CodeKernel), uint64(0)
	switch fr.Kind {
	case x86.VectorPF:
		code, at = personality.CodeFault, x86.ReadCR2()
	case x86.VectorDE, x86.VectorXM, x86.VectorMF:
		sig, code, at = personality.SIGFPE, personality.CodeFault, fr.RIP
	case x86.VectorBP, x86.VectorDB:
		sig = personality.SIGTRAP
	case x86.VectorUD:
		sig, code, at = personality.SIGILL, personality.CodeFault, fr.RIP
	case x86.VectorAC:
		sig = personality.SIGBUS
	case x86.VectorGP, x86.VectorSS:
	default:
		return false
	}
	return personality.Signal(fr, fx, sig, code, at)
}

// fatalTrap ends the instance, or its volatile state, with what is known.
//
//go:nosplit
func fatalTrap(fr *personality.Frame) {
	if fail.Record("exception", This().index, fr.RIP) {
		note(CauseException, fr)
	}
	fail.End()
}

// stopAll is the end of a failed instance: no processor goes on without the
// others.
//
//go:nosplit
func stopAll() {
	m := mach()
	atomic.StoreUint64(&m.set.halted, 1)
	if m.cpus > 1 {
		apic.NMIOthers()
	}
	x86.Stop()
}

//go:nosplit
func line(name string, v uint64) {
	raw.Puts(name)
	raw.Hex(v)
}
