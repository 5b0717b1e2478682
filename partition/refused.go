package partition

import (
	"math/bits"
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/partition/lapic"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// The processor refuses an entry if a field of the VMCS cannot be. That is more likely a
// fault of ours than of the guest's: what we have written is written anew, and it is
// tried again; the second time in a row after a reset.

// maxRefused is how often in a row an entry may be refused before the partition is stopped.
const maxRefused = 2

// refused makes what we have put into v's VMCS right, and reports whether v is to be
// entered once more.
//
//go:nosplit
func (v *VP) refused(c *CPU) bool {
	v.Ctx.Reason = vmx.NoExit // nothing is to be done again
	v.strike()
	if v.Unwound.Row > maxRefused {
		return false
	}
	farLookAll()
	farMend(v) // its VMCS is written anew from there
	if v.Inject != 0 {
		v.Inject = intended(&v.LAPIC, v.Inject)
		writeInject(v.Inject, v.InjErr)
	} else {
		writeInject(0, 0)
	}
	v.admissible()
	c.Unwound++
	atomic.OrUint64(&v.Events, EvDoubt|EvIntr)
	if v.Unwound.Row == maxRefused {
		mistaken("the processor refuses an entry")
	}
	return true
}

// admissible makes the guest's control registers and flags, and what of its state is no
// register, such that the processor takes it. Wrong code may have written these fields; what
// they were nobody knows, if they cannot be. SDM Vol. 3C, "Checks on the Guest State Area".
//
//go:nosplit
func (v *VP) admissible() {
	cr0 := vmcs.GuestCR0.Read()&0xffffffff&^(x86.CR0CD|x86.CR0NW) | x86.CR0NE | x86.CR0ET
	cr4 := vmcs.GuestCR4.Read()&tab.Host.CR4Allowed | x86.CR4VMXE
	if vmcs.EntryControls.Read()&vmcs.EntryIA32e != 0 {
		cr0 |= x86.CR0PG
		cr4 |= x86.CR4PAE
	} else {
		cr4 &^= x86.CR4PCIDE
	}
	if cr0&x86.CR0PG != 0 {
		cr0 |= x86.CR0PE
	}
	vmcs.GuestCR0.Write(cr0)
	vmcs.GuestCR4.Write(cr4)

	const flagsDefined, external = 0x3f7fd7, injExternal | injValid
	flags := vmcs.GuestRFLAGS.Read()&flagsDefined | x86.RFLAGSOne
	interrupts := v.Inject&(external|7<<8) == external
	if interrupts { // they were on when it was accepted
		flags |= x86.RFLAGSIF
	}
	vmcs.GuestRFLAGS.Write(flags)
	vmcs.GuestActivity.Write(vmcs.ActivityActive) // one that halts is not entered
	vmcs.GuestLinkPointer.Write(^uint64(0))

	s := vmcs.GuestInterruptibility.Read()
	switch {
	case s&^(shadows|vmcs.BlockedByNMI) != 0:
		s = 0
	case s&shadows == shadows, interrupts:
		s &^= shadows
	case flags&x86.RFLAGSIF == 0:
		s &^= vmcs.BlockedBySTI
	}
	vmcs.GuestInterruptibility.Write(s)

	const breakpoints, enabled = 0xf, 1 << 12
	p := vmcs.GuestPendingDebug.Read()
	if p&^(breakpoints|enabled|pendingBS) != 0 {
		p = 0
	}
	if s&shadows != 0 {
		if p &^= pendingBS; flags&x86.RFLAGSTF != 0 && vmcs.GuestDebugCtl.Read()&debugCtlBTF == 0 {
			p |= pendingBS
		}
	}
	vmcs.GuestPendingDebug.Write(p)
}

// intended returns the event that was to be injected, of which a bit may have flipped; 0
// if there is none that it can have been.
//
//go:nosplit
func intended(l *lapic.State, event uint64) uint64 {
	vec, _ := l.Serving() // the last one that was accepted
	if want := uint64(vec) | injExternal | injValid; vec != 0 && bits.OnesCount64(event^want) <= 1 {
		return want
	}
	switch kind := event >> 8 & 7; {
	case event&^(0xff|7<<8|injError|injValid) != 0 || event&injValid == 0:
	case kind == 0 && event&injError == 0, kind == injNMI>>8 && event&0xff == injNMI&0xff, kind == injHardware>>8 && event&0xff < 32,
		kind > injHardware>>8 && kind != 7:
		return event
	}
	return 0
}

// farRefused is out of the linker's sight.
var farRefused = (*VP).refused
