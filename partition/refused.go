package partition

import (
	"math/bits"
	"sync/atomic"

	"perdure/partition/lapic"
	"perdure/vmx"
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
	if v.Inject != 0 {
		v.Inject = intended(&v.LAPIC, v.Inject)
		writeInject(v.Inject, v.InjErr)
	} else {
		writeInject(0, 0)
	}
	c.Unwound++
	atomic.OrUint64(&v.Events, EvDoubt|EvIntr)
	if v.Unwound.Row == maxRefused {
		mistaken("the processor refuses an entry")
	}
	return true
}

// intended returns the event that was to be injected, of which a bit may have flipped; 0
// if there is none that it can have been.
//
//go:nosplit
func intended(l *lapic.State, event uint64) uint64 {
	vec, _ := l.Stuck() // the last one that was accepted
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
