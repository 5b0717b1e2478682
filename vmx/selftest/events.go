package selftest

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

func timer(m *machine) string {
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	const slice = 100000
	vmx.SetTimer(slice)
	t := x86.RDTSC()
	r := m.run()
	t = x86.RDTSC() - t
	if wrong := end(r, vmcs.ReasonPreemptionTimer); wrong != "" {
		return wrong
	}
	if t < slice || t > 2*slice {
		return "it came at the wrong time"
	}
	return ""
}

// interrupt lets an interrupt wait for this processor, which does not take it
// until it is in the guest.
func interrupt(m *machine) string {
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmx.SetTimer(10000000)
	apic.SendIPI(kernel.This().APICID(), kernel.VectorKick)
	if wrong := end(m.once(), vmcs.ReasonExternalInterrupt); wrong != "" {
		return wrong
	}
	if m.vector != kernel.VectorKick {
		return "another vector"
	}
	return ""
}

// nmis has another processor send NMIs to this one while it runs a guest. The
// second one comes only if the first one's exit was answered with an IRET. It
// does not yield: it could go on on a processor without VT-x on.
func nmis(m *machine) string {
	if kernel.CPUs() == 1 {
		vmx.UnblockNMI()
		return ""
	}
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmx.SetTimer(100000000)
	for range 3 {
		var begun, done atomic.Uint32
		id := kernel.This().APICID()
		go func() {
			begun.Store(1)
			for t := x86.RDTSC(); x86.RDTSC()-t < 200000; {
				x86.PAUSE()
			}
			apic.SendNMI(id)
			done.Store(1)
		}()
		for begun.Load() == 0 {
			x86.PAUSE()
		}
		r := m.run()
		info := vmcs.Interruption(vmcs.ExitInterruptionInfo.Read())
		vmx.UnblockNMI()
		if wrong := end(r, vmcs.ReasonException); wrong != "" {
			return wrong
		}
		if info.Kind() != vmcs.KindNMI || info.Vector() != x86.VectorNMI {
			return "another exception"
		}
		for done.Load() == 0 {
			x86.PAUSE()
		}
	}
	return ""
}
