package partition

import (
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// What a partition sees of the processor's features: an allow-list. SDM Vol. 2A,
// "CPUID—CPU Identification". Left out is what we would have to carry or cannot
// give: VMX, SMX, MONITOR, the PMU, PT, RDT, SGX, CET, AMX, LA57. A guest has
// TSC_ADJUST in any case: a kernel that sees it trusts the TSC, and one that does
// not compares it with ticks, which come late where processors are shared.
const (
	cpuid1C  = 0x76da3203 // SSE3 … FMA, CX16, PCID, SSE4, MOVBE, POPCNT, AES, XSAVE, AVX, F16C, RDRAND
	cpuid1D  = 0x1f8bfbff // FPU … SSE2, SS, HTT; MCE and MCA too
	cpuid7B  = 0xd1bf27e9 // FSGSBASE, BMI, AVX2, SMEP, ERMS, INVPCID, AVX-512, RDSEED, ADX, SMAP, SHA
	cpuid7C  = 0x00405f4e // VBMI, UMIP, PKU, VBMI2, GFNI, VAES, VPCLMULQDQ, VNNI, BITALG, VPOPCNTDQ, RDPID
	cpuid7D  = 0xbc000410 // FSRM, MD_CLEAR, IBRS, STIBP, L1D_FLUSH, ARCH_CAPABILITIES, SSBD
	guest7D  = 0x00000410 // FSRM, MD_CLEAR: what needs no MSR
	guest7B  = 0x00000002 // TSC_ADJUST
	cpuidX1C = 0x00000121 // LAHF, LZCNT, PREFETCHW
	cpuidX1D = 0x2c100800 // SYSCALL, NX, 1-GiB pages, RDTSCP, long mode
	arat     = 1 << 2     // leaf 6: the APIC timer never stops
)

// exitCPUID answers CPUID.
//
//go:nosplit
func exitCPUID(_ *CPU, v *VP) Verdict {
	leaf, sub := uint32(v.Ctx.Regs[vmx.RAX]), uint32(v.Ctx.Regs[vmx.RCX])
	if v.serves() {
		return v.cpuidRaw(leaf, sub)
	}
	if leaf>>28 == 4 {
		return v.cpuidOurs(leaf)
	}
	a, b, c, d := x86.CPUID(leaf, sub)
	switch leaf {
	case 0:
		if a > 0x16 {
			a = 0x16
		}
	case 1:
		b = b&0xffff | uint32(v.partition().VPs)<<16 | uint32(v.ID)<<24
		c = c&cpuid1C | 1<<21 | 1<<24 | 1<<31 // x2APIC, TSC-deadline, hypervisor
		d &= cpuid1D
		if vmcs.GuestCR4.Read()&x86.CR4OSXSAVE != 0 {
			c |= 1 << 27
		}
	case 4:
		a &= 1<<14 - 1 // no cache is shared
	case 6:
		a, b, c, d = arat, 0, 0, 0
	case 7:
		if sub != 0 {
			a, b, c, d = 0, 0, 0, 0
			break
		}
		a, b, c, d = 0, b&cpuid7B, c&cpuid7C, d&cpuid7D
		if v.partition().Kind == Guest {
			b |= guest7B
			d &= guest7D
		}
		if vmcs.GuestCR4.Read()&x86.CR4PKE != 0 {
			c |= 1 << 4
		}
	case 0xb:
		a, b, c, d = v.topology(sub)
	case 0xd:
		if sub == 1 {
			a, c, d = a&0xf, 0, 0 // XSAVES, but no supervisor state
		} else if sub > 1 && tab.Host.XCR0>>(sub&63)&1 == 0 {
			a, b, c, d = 0, 0, 0, 0
		} else if sub == 0 {
			a, d = uint32(tab.Host.XCR0), uint32(tab.Host.XCR0>>32)
		}
	case 0x15:
		a, b, c, d = 1, uint32(tab.Host.TSCRatio), uint32(tab.Host.TSCHz/tab.Host.TSCRatio), 0
	case 0x16:
		mhz := uint32(tab.Host.TSCHz / 1000000)
		a, b, c, d = mhz, mhz, 100, 0
	case 2, 0x80000000, 0x80000002, 0x80000003, 0x80000004, 0x80000005, 0x80000006, 0x80000008:
	case 0x80000001:
		b, c, d = 0, c&cpuidX1C, d&cpuidX1D
	case 0x80000007:
		a, b, c, d = 0, 0, 0, 1<<8 // the TSC is invariant
	default:
		a, b, c, d = 0, 0, 0, 0
	}
	return v.four(a, b, c, d)
}

// four is the commit of an instruction that writes EAX, EBX, ECX and EDX.
//
//go:nosplit
func (v *VP) four(a, b, c, d uint32) Verdict {
	v.Ctx.OutRAX, v.Ctx.OutRBX = uint64(a), uint64(b)
	v.Ctx.OutRCX, v.Ctx.OutRDX = uint64(c), uint64(d)
	return Advance | ABCD
}

// topology answers leaf 0xb: one package of single-threaded cores.
//
//go:nosplit
func (v *VP) topology(sub uint32) (a, b, c, d uint32) {
	d = uint32(v.ID)
	switch sub {
	case 0: // threads of a core
		return 0, 1, 1<<8 | sub, d
	case 1: // cores of the package
		return 8, uint32(v.partition().VPs), 2<<8 | sub, d
	}
	return 0, 0, sub, d
}

// cpuidOurs answers the leaves from 0x40000000 on.
//
//go:nosplit
func (v *VP) cpuidOurs(leaf uint32) Verdict {
	switch leaf {
	case abi.LeafMax:
		return v.four(abi.LeafTiming, abi.SignatureB, abi.SignatureC, abi.SignatureD)
	case abi.LeafInterface:
		return v.four(abi.InterfaceID, 0, 0, 0)
	case abi.LeafVersion:
		h := tab.Host
		return v.four(uint32(h.Version), uint32(h.Build), uint32(h.Generation), uint32(h.Resets))
	case abi.LeafRights:
		port := uint32(0)
		if v.partition().Kind == Root {
			port = abi.Port
		}
		return v.four(v.partition().rights(), port, 0, abi.Version)
	case abi.LeafTiming:
		khz := uint32(kernel.TSCHz() / 1000)
		return v.four(khz, khz, 0, 0)
	case abi.LeafKVM:
		return v.four(abi.LeafKVMFeat, abi.KVMSignatureB, abi.KVMSignatureC, abi.KVMSignatureD)
	case abi.LeafKVMFeat:
		return v.four(abi.KVMFeaturesOffered, 0, 0, 0)
	}
	return v.four(0, 0, 0, 0)
}

// rights returns what p may do, in the words of abi.
//
//go:nosplit
func (p *Partition) rights() uint32 {
	if p.Kind == Root {
		return abi.RightDiscover | abi.RightConsole | abi.RightObserve | abi.RightManage | abi.RightDevices
	}
	return abi.RightDiscover | abi.RightConsole
}
