package selftest

import (
	"syscall"

	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// end returns what is wrong with how a run ended.
func end(r uint64, want vmcs.Reason) string {
	if r == uint64(want) {
		return ""
	}
	return "ended by: " + vmx.Explain(r)
}

const setupFailed = "the VMCS could not be made"

func roundTrips(m *machine) string {
	if !m.build(counting[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	if wrong := end(m.run(), vmcs.ReasonVMCALL); wrong != "" {
		return wrong
	}
	empty := m.peek(0x2000) & 0xffffffff
	for i, name := range []string{"CPUID", "VMCALL", "OUT", "HLT"} {
		w := m.peek(0x2000 + 4*(i+1)&^7)
		if (i+1)&1 != 0 {
			w >>= 32
		}
		w &= 0xffffffff
		if w <= empty {
			return name + " cost nothing"
		}
		figure("round trip of "+name, (w-empty+500)/1000)
	}
	return ""
}

// registers lets a guest fill all its registers, then does to the processor all
// that the hypervisor may do between two runs, and looks at what comes back.
func registers(m *machine) string {
	if !m.build(long64[:]) {
		return setupFailed
	}
	const cr3 = 0x5000
	m.set(cr3, cr3+0x1000|3)
	m.set(cr3+0x1000, cr3+0x2000|3)
	m.set(cr3+0x2000, 0x83)
	for i := range 32 {
		m.set(0x2000+8*i, 0x0123456789abcdef*uint64(2*i+1))
	}
	for i := range 15 {
		m.set(0x2200+8*i, 0xfedcba9876543211*uint64(2*i+3))
	}
	const mxcsr = 0x9f80 // flush to zero: not what Go has
	m.set(0x2400, mxcsr)
	m.StartLong(0x1000, cr3, 0, 0, 8, 16)
	m.MXCSR, m.LSTAR, m.STAR, m.FMASK = 0x1f80, 0x00007abc_def01234, 0x0010_0008<<32, 0x700
	if wrong := end(m.run(), vmcs.ReasonVMCALL); wrong != "" {
		return wrong
	}
	if m.Regs[vmx.RAX] != 0x200 {
		return "another call than the first"
	}
	m.disturb()
	if wrong := end(m.run(), vmcs.ReasonVMCALL); wrong != "" {
		return wrong
	}
	if m.Regs[vmx.RAX] != 0x201 {
		return "another call than the second"
	}
	return m.compare(mxcsr)
}

// disturb does what Go code, system calls and page faults do to a processor: a
// handler's fault comes while the guest's MSRs are in place.
func (m *machine) disturb() {
	syscall.Getpid()
	vmx.ReturnToGuest(m.Context)
	fault()
	vmx.LeaveGuest(m.Context)
	syscall.Getpid()
	x86.WriteCR2(0xbad)
	var area [512 + 16]byte
	x86.FXRSTOR(clean(&area))
	sink = float64(x86.RDTSC()) * 1.5
}

// fault reads what is not there, and recovers.
func fault() {
	defer func() { recover() }()
	var nothing *machine
	sink = float64(nothing.vector)
}

var sink float64

// compare holds what the guest found after the call to what it had before.
func (m *machine) compare(mxcsr uint64) string {
	for i := range 32 {
		if m.peek(0x2100+8*i) != m.peek(0x2000+8*i) {
			return "an XMM register"
		}
	}
	for i := range 15 {
		if m.peek(0x2300+8*i) != m.peek(0x2200+8*i) {
			return "a general register"
		}
	}
	switch {
	case m.peek(0x2400)>>32 != mxcsr:
		return "MXCSR"
	case m.peek(0x2408) != 0x1122334455667788:
		return "CR2"
	case m.peek(0x2410) != 0x123489abcdef:
		return "KERNEL_GS_BASE"
	case m.peek(0x2418) != m.LSTAR:
		return "LSTAR"
	}
	return ""
}

// handOver measures the change of the SYSCALL MSRs from guest to host and back.
func handOver(m *machine) string {
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmx.ReturnToGuest(m.Context)
	const rounds = 100
	t := x86.RDTSC()
	for range rounds {
		vmx.LeaveGuest(m.Context)
		vmx.ReturnToGuest(m.Context)
	}
	t = x86.RDTSC() - t
	vmx.LeaveGuest(m.Context)
	figure("leaving a guest and returning to it", t/rounds)
	t = x86.RDTSC()
	for range rounds {
		sum += vmcs.GuestRIP.Read()
	}
	figure("reading a field", (x86.RDTSC()-t)/rounds)
	return ""
}

var sum uint64

func flat(m *machine) string {
	if !m.build(flat32[:]) {
		return setupFailed
	}
	m.set(0x2000, 0x5a5a1234)
	m.StartFlat(0x1000, 0, 0, 8, 16)
	if wrong := end(m.run(), vmcs.ReasonVMCALL); wrong != "" {
		return wrong
	}
	if m.Regs[vmx.RBX] != 0x5a5a1234 || m.Regs[vmx.RAX] != 0x132 {
		return "the guest read something else"
	}
	return ""
}

func triple(m *machine) string {
	if !m.build(tripleFault[:]) {
		return setupFailed
	}
	m.StartSIPI(0)
	vmcs.GuestRIP.Write(0x1000)
	return end(m.run(), vmcs.ReasonTripleFault)
}

func badState(m *machine) string {
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmcs.GuestLinkPointer.Write(1)
	if r := m.run(); r != vmcs.ExitEntryFailed|uint64(vmcs.ReasonGuestState) {
		return end(r, vmcs.ReasonGuestState)
	}
	vmcs.GuestLinkPointer.Write(^uint64(0))
	vmx.SetTimer(1000)
	return end(m.run(), vmcs.ReasonPreemptionTimer)
}

func badControls(m *machine) string {
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmcs.PinControls.Write(0)
	if r := m.run(); r != vmx.Refused|7 {
		return "not refused: " + vmx.Explain(r)
	}
	if !m.build(spinning[:]) {
		return setupFailed
	}
	m.StartReal(0, 0x1000)
	vmx.SetTimer(1000)
	return end(m.run(), vmcs.ReasonPreemptionTimer)
}

func refused(m *machine) string {
	if vmcs.Refused != 0 {
		return "a field that the processor does not have was used"
	}
	return ""
}
