// Package selftest runs guests of a few instructions, to prove on the machine
// itself that the way into a guest and back is right, and what it costs.
//
// The one idea: a guest that knows its own registers is the only witness that
// they come back.
package selftest

import (
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Pages is how many pages in a row Run needs.
const Pages = 32

// Where things are in these pages, by page.
const (
	pageVMCS = iota
	pageMSR
	pageIO      // two of them
	pageContext = iota + 1
	pageEPT
	pageGuest   = pageEPT + 4
	guestPages  = 16
	lastOfGuest = pageGuest + guestPages
)

var _ [Pages - lastOfGuest]byte

// machine is the one processor that the guests run on.
type machine struct {
	*vmx.Context
	base   addr.HPA
	vector uint8 // of the last external interrupt
}

// page returns the address of one of the pages.
//
//go:nosplit
func (m *machine) page(i int) addr.HPA { return m.base + addr.HPA(i)*addr.PageSize }

// answers are the exits that are answered without Go noticing; all others end run.
var answers = [vmx.NumReasons]func(*machine) bool{
	vmcs.ReasonCPUID:             answerCPUID,
	vmcs.ReasonVMCALL:            answerCall,
	vmcs.ReasonIO:                answerStep,
	vmcs.ReasonHLT:               answerStep,
	vmcs.ReasonExternalInterrupt: answerInterrupt,
}

// run enters the guest until an exit that neither is answered nor comes from
// outside, and returns its reason.
func (m *machine) run() (r uint64) {
	for r = m.once(); r == uint64(vmcs.ReasonExternalInterrupt); r = m.once() {
	}
	return r
}

// once enters the guest until an exit that is not answered, and returns its reason.
func (m *machine) once() uint64 {
	h := kernel.Host()
	vmx.WriteHost(m.Context, &h)
	vmx.ReturnToGuest(m.Context)
	r := m.loop()
	vmx.LeaveGuest(m.Context)
	return r
}

// loop is a dispatcher's inner loop.
//
//go:nosplit
func (m *machine) loop() uint64 {
	for {
		r := vmx.Enter(m.Context)
		if r >= vmx.NumReasons || answers[r] == nil || !answers[r](m) {
			return r
		}
	}
}

//go:nosplit
func answerCPUID(m *machine) bool {
	a, b, c, d := x86.CPUID(uint32(m.Regs[vmx.RAX]), uint32(m.Regs[vmx.RCX]))
	m.OutRAX, m.OutRBX, m.OutRCX, m.OutRDX = uint64(a), uint64(b), uint64(c), uint64(d)
	m.OutRIP = m.RIP + m.Len
	m.Commit = vmx.CommitRIP | vmx.CommitABCD
	return true
}

//go:nosplit
func answerStep(m *machine) bool {
	m.OutRIP = m.RIP + m.Len
	m.Commit = vmx.CommitRIP
	return true
}

// answerCall steps over the call; numbers from 0x100 on are for the test.
//
//go:nosplit
func answerCall(m *machine) bool {
	answerStep(m)
	return uint32(m.Regs[vmx.RAX]) < 0x100
}

//go:nosplit
func answerInterrupt(m *machine) bool {
	m.vector = vmcs.Interruption(vmcs.ExitInterruptionInfo.Read()).Vector()
	apic.EOI()
	return false
}

// build makes the VMCS, with 64 KiB of memory at guest-physical 0 and guest in it
// at 0x1000.
func (m *machine) build(guest []byte) bool {
	x86.ZeroPages(uintptr(m.base.HVA()), Pages)
	m.Context = contextAt(m.page(pageContext))
	m.vector = 0
	msr, io := bitmapsAt(m.page(pageMSR), m.page(pageIO))
	msr.DenyAll()
	msr.Allow(x86.MSRKernelGSBase)
	msr.AllowRead(x86.MSRLSTAR)
	io.DenyAll()
	for l := range 3 { // one table of each level leads to the next
		m.put(m.page(pageEPT+l), 0, uint64(m.page(pageEPT+l+1))|7)
	}
	for i := range guestPages {
		m.put(m.page(pageEPT+3), i, uint64(m.page(pageGuest+i))|7|x86.MemoryWB<<3)
	}
	m.poke(0x1000, guest)
	vmx.InvalidateAll()
	return vmx.Setup(m.Context, &vmx.Config{
		VMCS: m.page(pageVMCS), MSRBitmap: m.page(pageMSR), IOBitmap: m.page(pageIO),
		EPTP: uint64(m.page(pageEPT)) | 3<<3 | x86.MemoryWB, VPID: 0xfff,
	})
}

// drop gives the VMCS up.
func (m *machine) drop() { vmx.Clear(m.Context, m.page(pageVMCS)) }

// put writes entry i of a table of words.
func (m *machine) put(table addr.HPA, i int, v uint64) { *word(table + addr.HPA(8*i)) = v }

// peek reads a word of the guest's memory.
func (m *machine) peek(gpa int) uint64 { return *word(m.page(pageGuest) + addr.HPA(gpa)) }

// set writes a word of the guest's memory.
func (m *machine) set(gpa int, v uint64) { *word(m.page(pageGuest) + addr.HPA(gpa)) = v }

// poke writes bytes to the guest's memory.
func (m *machine) poke(gpa int, b []byte) {
	for i, v := range b {
		p := word(m.page(pageGuest) + addr.HPA((gpa+i)&^7))
		shift := 8 * ((gpa + i) & 7)
		*p = *p&^(0xff<<shift) | uint64(v)<<shift
	}
}
