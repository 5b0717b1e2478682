package personality

// Signals of Linux that the runtime gets.
const (
	SIGILL  = 4
	SIGTRAP = 5
	SIGBUS  = 7
	SIGFPE  = 8
	SIGSEGV = 11
	SIGURG  = 23 // preemption
)

// Codes of a signal. Linux, signal(7).
const (
	codeTKill  = -6 & 0xffffffff
	CodeKernel = 0x80 // sent by the kernel, no address: a #GP
	CodeFault  = 1    // at an address
)

// action is a struct sigaction: handler, flags, restorer, mask.
var actions [64][4]uint64

// Signal makes fr the call of the runtime's handler for sig, on the thread's
// signal stack; fx is the interrupted floating-point state, or 0 if none is
// live. It reports false if the runtime cannot take the signal.
//
//go:nosplit
func Signal(fr *Frame, fx uint64, sig, code, address uint64) bool {
	t := running()
	act := &actions[sig&63]
	if act[0] == 0 || t.mask&(1<<(sig-1)) != 0 && sig != SIGURG {
		return false
	}
	sp := fr.RSP - 128
	if t.size != 0 && (fr.RSP <= t.stack || fr.RSP > t.stack+t.size) {
		sp = t.stack + t.size
	}
	// The entry that we are in must not fault: it has one stack.
	for a := (sp - signalSpace) &^ 4095; a < sp; a += 4096 {
		if !Back(uintptr(a), true) {
			return false
		}
	}
	area := (sp - fxSize) &^ 63
	for i := uint64(0); i < fxSize; i += 8 {
		v := uint64(0)
		if fx != 0 {
			v = ld64(fx + i)
		}
		st64(area+i, v)
	}
	if fx == 0 {
		st32(area+fxMXCSR, mxcsrInit)
		st32(area, 0x37f)
	}
	info := area - infoSize
	uc := info - ucSize
	sp = uc - 8
	for a := sp; a < area; a += 8 {
		st64(a, 0)
	}
	st32(info, uint32(sig))
	st32(info+8, uint32(code))
	st64(info+16, address)
	st64(uc+ucStack, t.stack)
	st64(uc+ucStack+16, t.size)
	m := uc + ucGregs
	for i := uint64(0); i <= gregs; i++ {
		st64(m+i*8, *register(fr, i))
	}
	st64(m+18*8, fr.CS)
	st64(m+19*8, fr.Err)
	st64(m+20*8, fr.Kind)
	st64(m+21*8, t.mask)
	st64(m+22*8, address)
	st64(uc+ucFPU, area)
	st64(uc+ucMask, t.mask)
	st64(sp, act[2])
	t.mask |= act[3] | 1<<(sig-1)
	fr.RDI, fr.RSI, fr.RDX, fr.RAX = sig, info, uc, 0
	fr.RSP, fr.RIP = sp, act[0]
	fr.RFLAGS &^= 0x500 // TF, DF
	if fr.Kind >= KindCall {
		fr.Kind = KindReturn
		FPU[Processor()&(Processors-1)] = 0
	}
	return true
}

// deliver hands a pending signal to the thread that fr is about to resume.
//
//go:nosplit
func deliver(fr *Frame, t *Thread, fx uint64) {
	if t.pending == 0 || t.mask&(1<<(SIGURG-1)) != 0 {
		return
	}
	t.pending = 0
	Signal(fr, fx, SIGURG, codeTKill, 0)
}

// sigreturn resumes what a signal interrupted.
//
//go:nosplit
func sigreturn(fr *Frame) {
	uc := fr.RSP // the restorer has popped the return address
	m := uc + ucGregs
	for i := uint64(0); i <= gregs; i++ {
		*register(fr, i) = ld64(m + i*8)
	}
	t := running()
	t.mask = ld64(uc + ucMask)
	fr.Kind = KindReturn
	fx := ld64(uc + ucFPU)
	FPU[Processor()&(Processors-1)] = fx
	deliver(fr, t, fx)
}

// sigaction answers rt_sigaction.
//
//go:nosplit
func sigaction(fr *Frame) {
	act := &actions[fr.RDI&63]
	for i := uint64(0); i < 4; i++ {
		old := act[i]
		if fr.RSI != 0 {
			act[i] = ld64(fr.RSI + i*8)
		}
		if fr.RDX != 0 {
			st64(fr.RDX+i*8, old)
		}
	}
	fr.RAX = 0
}

// sigprocmask answers rt_sigprocmask.
//
//go:nosplit
func sigprocmask(fr *Frame) {
	t := running()
	old := t.mask
	if fr.RSI != 0 {
		switch v := ld64(fr.RSI); fr.RDI {
		case 0:
			t.mask |= v
		case 1:
			t.mask &^= v
		case 2:
			t.mask = v
		}
	}
	if fr.RDX != 0 {
		st64(fr.RDX, old)
	}
	fr.RAX = 0
}

// sigaltstack names the thread's signal stack.
//
//go:nosplit
func sigaltstack(fr *Frame) {
	t := running()
	if fr.RSI != 0 {
		st64(fr.RSI, t.stack)
		st64(fr.RSI+8, 0)
		if t.size == 0 {
			st64(fr.RSI+8, 2) // SS_DISABLE
		}
		st64(fr.RSI+16, t.size)
	}
	if fr.RDI != 0 {
		t.stack, t.size = ld64(fr.RDI), ld64(fr.RDI+16)
		if ld32(fr.RDI+8)&2 != 0 {
			t.size = 0
		}
	}
	fr.RAX = 0
}

// tgkill marks the one signal that the runtime sends between its threads. It
// arrives at the next return from a system call of that thread; the runtime
// never sends a second one before, so none may be lost.
//
//go:nosplit
func tgkill(fr *Frame) {
	fr.RAX = 0
	lock()
	t := at(fr.RSI - 1)
	t.pending = 1
	if t.State == Running {
		Notify(t.cpu, WhySignal)
	}
	unlock()
}
