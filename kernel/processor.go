//go:build metal

package kernel

import (
	"runtime"

	"perdure/boot"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
)

// This returns the block of the processor that it runs on. A goroutine that
// yields may find itself on another one afterwards.
//
//go:nosplit
func This() *CPU { return self() }

// Boot returns the page that the instance was started with.
//
//go:nosplit
func Boot() *boot.Page { return mach().page }

// CPUs returns how many processors run Go.
//
//go:nosplit
func CPUs() int { return int(mach().cpus) }

// CPUAt returns the block of processor i.
//
//go:nosplit
func CPUAt(i int) *CPU { return cpuAt(block(uint64(i))) }

// Idle sleeps until an interrupt arrives or the TSC reaches deadline, unless
// flags are raised; 0 is no deadline. What arrived is in Vectors. Here and in
// Admit are the only places where hypervisor code has interrupts on.
//
//go:nosplit
func Idle(deadline uint64) {
	c := This()
	if deadline != 0 {
		apic.SetDeadline(deadline)
	}
	if !c.Poll() {
		x86.WaitInterrupt()
	}
}

// Admit takes the interrupts that wait, and reports whether there are any in Vectors.
//
//go:nosplit
func Admit() bool {
	x86.AdmitInterrupts()
	v := &This().Vectors
	return v[0]|v[1]|v[2]|v[3] != 0
}

// Yield lets what Poll found run: a pending signal arrives, threads and
// goroutines that wait get the processor. It may return on another one.
func Yield() {
	f := This().Lower(FlagSignal | FlagThread)
	getpid()
	if f&FlagThread != 0 {
		schedYield()
	}
	runtime.Gosched()
}

// Host returns what a VMCS needs to know of this processor. FSBase changes with
// the thread of the runtime that is here.
//
//go:nosplit
func Host() HostState {
	c := This()
	cr0, cr4 := controls()
	return HostState{
		CR0: cr0, CR3: cr3(mach()), CR4: cr4,
		FSBase: x86.RDMSR(x86.MSRFSBase), GSBase: c.self, TRBase: c.tr,
		GDTRBase: c.gdt, IDTRBase: uint64(idtAt),
		CS: selCode, SS: selData, TR: selTSS,
	}
}
