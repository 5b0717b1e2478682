//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/apic"
	"perdure/kernel/fail"
	"perdure/kernel/pages"
	"perdure/kernel/personality"
	"perdure/kernel/raw"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// syscall answers a system call of the runtime.
//
//go:nosplit
func syscall(fr *personality.Frame) {
	personality.Call(fr)
	handOver(fr)
}

// handOver takes the floating-point state that a frame is to be resumed with to
// where resume looks for it.
//
//go:nosplit
func handOver(fr *personality.Frame) {
	c := This()
	c.fpu = 0
	if fr.Kind == personality.KindReturn {
		c.fpu = personality.FPU[c.index&(personality.Processors-1)]
		personality.FPU[c.index&(personality.Processors-1)] = 0
	}
}

//go:nosplit
func processor() uint64 { return This().index }

//go:nosplit
func setFS(base uint64) { x86.WRMSR(x86.MSRFSBase, base) }

// notify raises a flag on a processor and interrupts it, if it is another one:
// it may be in a guest or asleep.
//
//go:nosplit
func notify(i, why uint64) {
	c := cpuAt(block(i))
	flag := uint64(FlagSignal)
	if why == personality.WhyThread {
		flag = FlagThread
	}
	c.Raise(flag)
	if i != This().index {
		c.Kick()
	}
}

// Output is where what the runtime prints goes, byte by byte; a throw's trace
// too, so it must work at any time.
var Output = raw.Putc

//go:nosplit
func print(b byte) {
	if mach().set.recovers != 0 {
		hearFn(b)
		return
	}
	if b == '\n' {
		Output('\r')
	}
	Output(b)
}

// hearFn ends the linker's chain of stack.
var hearFn = hear

// exit is the end of a runtime that has given up; it has said why.
//
//go:nosplit
func exit(code uint64) {
	if mach().set.recovers != 0 {
		gaveUp()
	}
	raw.Puts("perdure: fatal: the Go runtime has ended, status ")
	raw.Dec(code)
	raw.Puts("\n")
	fail.Now("the Go runtime has ended", This().index, 0)
}

// back gives va a page if the runtime may use one there.
//
//go:nosplit
func back(va uintptr, write bool) bool {
	if !personality.Usable(uint64(va)) {
		return false
	}
	m := mach()
	if m.set.taken != 0 {
		return backSealed(m, addr.HVA(va))
	}
	lockSpace(m)
	e := m.space.Entry(addr.HVA(va), 0, true)
	ok := e != 0 && (get(e)&pages.Present != 0 || m.space.MapNew(addr.HVA(va), pages.RW))
	atomic.StoreUint32(&m.busy, 0)
	return ok
}

//go:nosplit
func lockSpace(m *machine) {
	for !atomic.CompareAndSwapUint32(&m.busy, 0, 1) {
		relax()
	}
}

// relax is one step of waiting for another processor.
//
//go:nosplit
func relax() {
	x86.PAUSE()
	OnWait()
}

// clearPage makes the page at va zeros, if there is one; through va itself, so
// that it counts as changed.
//
//go:nosplit
func clearPage(va uintptr) {
	s := mach().now()
	if s.Lookup(addr.HVA(va))&(pages.Present|pages.Write) == pages.Present|pages.Write {
		x86.ZeroPages(va, 1)
	}
}

// Kick interrupts c, so that it leaves a guest or Idle and looks at its flags.
//
//go:nosplit
func (c *CPU) Kick() { apic.SendIPI(uint32(c.apicID), VectorKick) }

// KickOthers is Kick for every other processor, with one command to the APIC.
//
//go:nosplit
func KickOthers() { apic.IPIOthers(VectorKick) }
