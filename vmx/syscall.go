package vmx

import (
	"perdure/kernel"
	"perdure/kernel/x86"
)

// The Go runtime reaches the hypervisor's own services by SYSCALL, so the MSRs
// that say where SYSCALL goes belong to whoever executes it next: the guest, or
// Go when it leaves the quiet exit path. The quiet path executes none, so they
// change hands only when a virtual processor is given up. Should Go need one
// unexpectedly, in a panic on the quiet path, SYSCALL is switched off meanwhile:
// it faults, and the handler of that fault puts the host's values back.

// syscallMSRs are the host's values, the same on every processor of an instance.
type syscallMSRs struct {
	star, lstar, fmask uint64
	mxcsr              uint64
	efer               uint64
	quiet              uint64 // EFER on the quiet path: no SYSCALL
}

var host = syscallMSRs{mxcsr: 0x1f80}

// hasRDTSCP: the processor has TSC_AUX.
var hasRDTSCP bool

// noteHost learns the host's values from the running processor.
func noteHost() {
	host.star, host.lstar, host.fmask = x86.RDMSR(x86.MSRSTAR), x86.RDMSR(x86.MSRLSTAR), x86.RDMSR(x86.MSRFMASK)
	host.efer = x86.RDMSR(x86.MSREFER)
	host.quiet = host.efer &^ x86.EFERSCE
	kernel.Rescue, kernel.Between = rescue, between
	kernel.Exits(exitPC(), exitEnd(), landing(), landed())
	hasRDTSCP = x86.Has(x86.FeatureRDTSCP)
}

// ReturnToGuest puts c's SYSCALL MSRs, MXCSR and CR2 into the processor, unless
// they are there: afterwards Go must stay on the quiet path. It comes after an
// XRSTOR of the virtual processor's other state, which would undo the MXCSR.
//
//go:nosplit
func ReturnToGuest(c *Context) {
	if c.Live == 0 {
		loadGuest(c)
	}
}

// LeaveGuest gives the SYSCALL MSRs and MXCSR back to Go, if c's are in the
// processor. It must come before anything that may end in a system call, and
// before the processor turns to another virtual processor. The guest's CR2 and
// MXCSR were saved by the exit, before a fault of ours could change them.
//
//go:nosplit
func LeaveGuest(c *Context) {
	if c.Live != 0 {
		loadHost(c, &host)
	}
}

// SaveDebug takes the guest's breakpoints into c when its processor turns to
// another virtual processor; DR7 is in the VMCS.
//
//go:nosplit
func SaveDebug(c *Context) {
	c.DR[0], c.DR[1], c.DR[2], c.DR[3] = x86.DR0to3()
	c.DR6 = x86.ReadDR6()
}

// LoadDebug puts them back. DR6 has bits that are always 1, and none above 31.
//
//go:nosplit
func LoadDebug(c *Context) {
	x86.SetDR0to3(c.DR[0], c.DR[1], c.DR[2], c.DR[3])
	x86.WriteDR6(c.DR6 & 0xffffffff)
}
