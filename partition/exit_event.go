package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// exitInterrupt takes an interrupt that the processor acknowledged on exit.
//
//go:nosplit
func exitInterrupt(c *CPU, v *VP) Verdict {
	c.vector(uint8(vmcs.ExitInterruptionInfo.Read()))
	c.after()
	if c.Leave != 0 || kernel.This().Poll() || c.called() {
		return Resume | Park
	}
	return Resume
}

// called reports whether the processor is wanted for the control goroutine. If that
// one has been called, the end of the slice leads to it, and nothing else does: a timer
// that ran out while it had the processor would take each slice before it begins.
//
//go:nosplit
func (c *CPU) called() bool {
	if called.Load() {
		return c.Slice == never
	}
	return atomic.LoadUint64(&tab.Host.Work) != 0
}

// vector handles one physical interrupt and then ends it: as long as it is in service,
// a reset or rung 0 has it taken again, and twice does no harm.
//
//go:nosplit
func (c *CPU) vector(n uint8) {
	switch {
	case n == kernel.VectorTimer:
		c.Armed = never
		c.due(x86.RDTSC())
	case n == kernel.VectorKick:
		c.IPIs++
		c.look(x86.RDTSC())
	case n == kernel.VectorSpurious:
		return // nothing is in service
	case n >= kernel.VectorLine && n < kernel.VectorLine+MaxLines:
		c.line(uint64(n - kernel.VectorLine))
	default:
		c.message(n)
	}
	apic.EOI()
}

// retake ends what is in service, and has it taken again: a fault of ours came before it
// was done with. quiet does so in a reset.
//
//go:nosplit
func retake() {
	k := kernel.This()
	for n := apic.InService(); n != 0; n = apic.InService() {
		k.Vectors[n>>6] |= 1 << (n & 63)
		apic.EOI()
	}
}

// message hands a vector that is none of ours to root's VP here: a device sent
// it, as root programmed it.
//
//go:nosplit
func (c *CPU) message(n uint8) {
	if n < 16 {
		c.Stray++
		return
	}
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i&(MaxVPs-1)]
		if v.CPU == c.Index && v.State != VPNone && v.partition().Kind == Root {
			v.LAPIC.Request(uint64(n), false)
			atomic.OrUint64(&v.Events, EvIntr)
			v.kick()
			return
		}
	}
	c.Stray++
}

//go:nosplit
func exitInterruptWindow(_ *CPU, v *VP) Verdict {
	v.closeWindow(windowIntr)
	atomic.OrUint64(&v.Events, EvIntr)
	return Resume
}

//go:nosplit
func exitNMIWindow(_ *CPU, v *VP) Verdict {
	v.closeWindow(windowNMI)
	return Resume
}

// exitException sees what the exception bitmap asks for and every NMI.
//
//go:nosplit
func exitException(c *CPU, v *VP) Verdict {
	info := vmcs.ExitInterruptionInfo.Read()
	switch {
	case info>>8&7 == kindNMI:
		if kernel.TakeNMI() { // ends the blocking too, and does not return if it means a reset
			c.NMIs++
			Lookup(0).VP(0).raise(EvNMI) // the machine's own. Root gets it.
			return Resume
		}
		c.belated()
		return Resume
	case info&0xff == x86.VectorMC:
		return exitMachineCheck(c, v)
	}
	return v.exception(c, info)
}

// redeliver notes again the event whose delivery this exit interrupted.
//
//go:nosplit
func (v *VP) redeliver() {
	info := vmcs.IDTVectoringInfo.Read()
	if uint64(info)&injValid == 0 {
		return
	}
	v.Inject = uint64(info &^ (1 << 12))
	if uint64(info)&injError != 0 {
		v.InjErr = uint64(vmcs.IDTVectoringErrorCode.Read())
	}
	if kind := info >> 8 & 7; kind == 4 || kind == 5 || kind == 6 { // software: needs the length
		vmcs.EntryInstructionLength.Write(uint32(v.Ctx.Len))
	}
	writeInject(v.Inject, v.InjErr)
}

// exitINIT: somebody pulled INIT# on the board, which is how a keyboard
// controller resets it. With VT-x on, the reset is ours to finish.
//
//go:nosplit
func exitINIT(*CPU, *VP) Verdict {
	resetMachine()
	return Resume
}

// exitMachineCheck hands a machine check to root's VP here: the banks, the memory
// and the devices that it is about are root's to look at.
//
//go:nosplit
func exitMachineCheck(c *CPU, v *VP) Verdict {
	tab.Host.MachineChecks++
	if v.partition().Kind == Root {
		v.fault(x86.VectorMC, false, 0)
		return Resume
	}
	for i := uint64(0); i < tab.Host.VPs; i++ {
		r := &tab.VPs[i&(MaxVPs-1)]
		if r.CPU == c.Index && r.State != VPNone && r.partition().Kind == Root {
			r.fault(x86.VectorMC, false, 0)
		}
	}
	return Resume | Park
}
