package vmx

import "perdure/vmx/vmcs"

// SetTimer makes the guest run for at most ticks of the TSC from each entry on,
// until it is set anew: the processor reloads the timer at every entry. SDM Vol.
// 3C, "VMX-Preemption Timer".
//
//go:nosplit
func SetTimer(ticks uint64) {
	t := ticks >> (Caps.TimerShift & 63)
	if t > 0xffffffff {
		t = 0xffffffff
	}
	vmcs.GuestTimer.Write(uint32(t))
}
