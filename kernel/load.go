//go:build metal

package kernel

import (
	"perdure/kernel/pages"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// idtEntries is the size of the IDT, which all processors share.
const idtEntries = 256

// writeIDT writes it and makes its page read-only.
//
//go:nosplit
func writeIDT() {
	for v := uint64(0); v < idtEntries; v++ {
		handler, ist := address(atVectors)+8*v, uint64(istTrap)
		switch v {
		case x86.VectorNMI:
			handler, ist = address(atNMI), istNMI
		case x86.VectorDF:
			handler, ist = address(atDoubleFault), istDF
		case x86.VectorMC:
			handler, ist = address(atMachineCheck), istMC
		case x86.VectorDB:
			handler, ist = debugEntry(), istDB
		}
		lo, hi := gate(handler, ist)
		put(idtAt+addr.HVA(16*v), lo)
		put(idtAt+addr.HVA(16*v+8), hi)
	}
	s := &mach().space
	s.Map(idtAt, addr.HPA(s.Lookup(idtAt)&pages.FrameMask), pages.RO)
}

// loadCPU makes the processor that calls number i: descriptor tables, control
// registers, GS base and the entry of system calls.
//
//go:nosplit
func loadCPU(i uint64) {
	m := mach()
	base := block(i)
	gdt := x86.MakeTableRegister(cpuAt(base).gdt, gdtSize)
	idt := x86.MakeTableRegister(uint64(idtAt), idtEntries*16)
	x86.LGDT(&gdt)
	x86.LIDT(&idt)
	segments()
	x86.LTR(selTSS)
	x86.WRMSR(x86.MSRGSBase, uint64(base))
	x86.WRMSR(x86.MSRKernelGSBase, 0)
	systemCalls()
	control(m)
}

// systemCalls makes SYSCALL come to us. A guest's values may be in the processor
// when an exit handler faults, and what then follows ends in a system call.
//
//go:nosplit
func systemCalls() {
	x86.WRMSR(x86.MSRSTAR, selCode<<32|selCode<<48)
	x86.WRMSR(x86.MSRLSTAR, address(atSyscall))
	x86.WRMSR(x86.MSRFMASK, x86.RFLAGSIF|x86.RFLAGSDF|x86.RFLAGSTF|x86.RFLAGSNT|x86.RFLAGSAC|3<<12)
	x86.WRMSR(x86.MSREFER, x86.RDMSR(x86.MSREFER)|x86.EFERSCE)
}

// control sets CR0 and CR4, and CR3 with this home's PCID. What root's
// registers hold is a VMCS's business.
//
//go:nosplit
func control(m *machine) {
	x86.WriteCR0(x86.ReadCR0()&^(x86.CR0CD|x86.CR0NW|x86.CR0EM|x86.CR0TS|x86.CR0AM) | x86.CR0WP | x86.CR0NE | x86.CR0MP)
	cr4 := x86.ReadCR4()&^(x86.CR4PGE|x86.CR4TSD|x86.CR4PCE) | x86.CR4PAE | x86.CR4OSFXSR | x86.CR4OSXMMEXCPT | x86.CR4MCE
	for i := range &wanted {
		if x86.Has(wanted[i].feature) {
			cr4 |= wanted[i].bit
		}
	}
	x86.WriteCR3(uint64(m.space.Root)) // PCID 0, as setting PCIDE needs
	x86.WriteCR4(cr4)
	x86.WriteCR3(cr3(m))
}

// wanted are the bits of CR4 that are set where the processor has them.
var wanted = [...]struct {
	feature x86.Feature
	bit     uint64
}{
	{x86.FeatureSMEP, x86.CR4SMEP},
	{x86.FeatureSMAP, x86.CR4SMAP},
	{x86.FeatureUMIP, x86.CR4UMIP},
	{x86.FeatureXSAVE, x86.CR4OSXSAVE},
	{x86.FeaturePCID, x86.CR4PCIDE},
}

// cr3 returns the value of CR3 for the instance's present tables.
//
//go:nosplit
func cr3(m *machine) uint64 {
	s := m.now()
	root := uint64(s.Root)
	if x86.ReadCR4()&x86.CR4PCIDE != 0 {
		return root | m.pcid
	}
	return root
}

// hugePages reports whether the processor has 1 GiB pages.
//
//go:nosplit
func hugePages() bool {
	last, _, _, _ := x86.CPUID(0x80000000, 0)
	if last < 0x80000001 {
		return false
	}
	_, _, _, d := x86.CPUID(0x80000001, 0)
	return d>>26&1 != 0
}
