//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/fail"
	"perdure/kernel/personality"
	"perdure/kernel/raw"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Exits says where the code lies that saves a guest's registers at an exit, and that
// which comes before it, if there is any.
func Exits(from, end, landing, landed uint64) {
	s := &mach().set
	s.stub, s.stubSize = from, end-from
	s.landing, s.landed = landing, landed-landing
}

// saving reports whether the code at rip is that.
//
//go:nosplit
func saving(rip uint64) bool {
	s := &mach().set
	return rip-s.stub < s.stubSize || rip-s.landing < s.landed
}

// rescue is Rescue for the assembly.
//
//go:nosplit
func rescue(fr *personality.Frame, fx uint64) { Rescue(fr, addr.HVA(fx)) }

// Recovers says that from now on a failure ends in a reset, after which somebody
// repairs what it left.
func Recovers() { atomic.StoreUint64(&mach().set.recovers, 1) }

// Recovered says that after the last reset everything goes on.
//
//go:nosplit
func Recovered() { atomic.StoreUint64(&mach().set.tries, 0) }

// Tries returns how many failures there were since Recovered.
//
//go:nosplit
func Tries() uint64 { return atomic.LoadUint64(&mach().set.tries) }

// Epoch returns how many resets this instance has been through.
//
//go:nosplit
func Epoch() uint64 { return atomic.LoadUint64(&mach().set.epoch) }

// LastCrash returns what the last failure left.
//
//go:nosplit
func LastCrash() *Crash { return crash() }

// Lead reports whether the running processor carried out the last reset.
//
//go:nosplit
func (c *CPU) Lead() bool { return mach().set.led == c.index+1 }

// note keeps what is known of a failure; fr may be nil.
//
//go:nosplit
func note(cause Cause, fr *personality.Frame) {
	c := crash()
	c.N++
	c.Cause, c.CPU, c.TSC = cause, This().index, x86.RDTSC()
	c.Vector, c.Error, c.CR2 = 0, 0, x86.ReadCR2()
	if cause != CauseRuntime {
		c.Text[0] = 0
	}
	for i := range c.Stack {
		c.Stack[i] = 0
	}
	if fr == nil {
		return
	}
	c.Vector, c.Error, c.RIP, c.RSP, c.Flags = fr.Kind&0xff, fr.Err, fr.RIP, fr.RSP, fr.RFLAGS
	at := addr.HVA(addressOf(fr))
	for i := range c.Regs {
		c.Regs[i] = get(at + addr.HVA(8*i))
	}
	s := mach().now()
	for i := range c.Stack {
		sp := addr.HVA(fr.RSP&^7) + addr.HVA(8*i)
		if i != 0 && sp&(addr.PageSize-1) == 0 || i == 0 && s.Lookup(sp)&1 == 0 {
			break
		}
		c.Stack[i] = get(sp)
	}
}

// failed is what every failure ends in, of however many processors: a reset, if
// somebody will repair what it leaves and it has not been tried too often.
//
//go:nosplit
func failed() {
	s := &mach().set
	mend()
	switch {
	case s.halted != 0:
		x86.Stop()
	case s.taken != 0 && s.recovers != 0 && s.lead != This().index+1:
		if s.lead != 0 {
			reset() // to wait for it
		}
		mendFn()
		if why := s.hopeless(); why != RebootNone {
			handOn(why)
			reset()
		}
		if atomic.AddUint64(&s.tries, 1) <= maxTries {
			reset()
		}
	case s.taken != 0 && s.waits(): // the reset itself has failed
		handOn(RebootRecovery)
		s.lead = 0
		reset()
	}
	lastWords()
	stopAll()
}

// GiveUp stops the machine after a failure that cannot be overcome.
func GiveUp() {
	lastWords()
	stopAll()
}

// stuck is the end of a reset that cannot be carried out: its processor failed
// in it, or another one does not answer.
//
//go:nosplit
func stuck() {
	raw.Puts("\nperdure: fatal: a reset cannot be carried out")
	lastWords()
	stopAll()
}

// hear takes what the runtime says once the instance is sealed: the first line
// of why it gives up is the end of it.
//
//go:nosplit
func hear(b byte) {
	c := crash()
	if b == '\n' && c.heard != 0 {
		ends := c.Text[0] == 'f' || c.Text[0] == 'p' || c.Text[0] == 'r' // fatal error: …, panic: …, and runtime: …, which comes before
		c.heard = 0
		if ends {
			gaveUp()
		}
		return
	}
	if c.heard < CrashText-1 {
		c.Text[c.heard] = b
		c.heard++
		c.Text[c.heard] = 0
	}
}

// gaveUp is the end of a runtime that says that it is.
//
//go:nosplit
func gaveUp() {
	if fail.Record("the Go runtime has given up", This().index, 0) {
		note(CauseRuntime, nil)
	}
	fail.End()
}

// Fail throws the volatile state away because something cannot be.
//
//go:nosplit
func Fail(what string) {
	if fail.Record(what, This().index, 0) {
		note(CauseInvariant, nil)
		c := crash()
		for i := 0; i < len(what) && i < CrashText-1; i++ {
			c.Text[i], c.Text[i+1] = what[i], 0
		}
	}
	fail.End()
}

// Hung throws the volatile state away because processor i does not get on.
//
//go:nosplit
func Hung(i uint64) {
	if fail.Record("a processor hangs", i, 0) {
		note(CauseHang, nil)
		crash().CPU, crash().RIP = i, 0
	}
	fail.End()
}

// lastWords prints the crash.
//
//go:nosplit
func lastWords() {
	c := crash()
	raw.Puts("\nperdure: fatal: ")
	switch c.Cause {
	case CauseException:
		raw.Puts("exception ")
		raw.Dec(c.Vector)
		line(" error ", c.Error)
		line(" rip ", c.RIP)
		line(" cr2 ", c.CR2)
	case CauseRuntime:
		for i := 0; i < CrashText && c.Text[i] != 0; i++ {
			raw.Putc(c.Text[i])
		}
	case CauseHang:
		raw.Puts("a processor hangs")
	default:
		raw.Puts("failure")
	}
	line(" cpu ", c.CPU)
	line(" tries ", mach().set.tries)
	for i := range c.Regs {
		if i&7 == 0 {
			raw.Puts("\nperdure: registers, R15 first:")
		}
		line(" ", c.Regs[i])
	}
	line("\nperdure: rsp ", c.RSP)
	line(" flags ", c.Flags)
	for i := range c.Stack {
		if i&7 == 0 {
			raw.Puts("\nperdure: stack:")
		}
		line(" ", c.Stack[i])
	}
	raw.Puts("\n")
}
