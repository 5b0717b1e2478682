package vmx

import (
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx/vmcs"
)

// Load makes the VMCS at pa the current one. False means that pa is not one.
//
//go:nosplit
func Load(pa addr.HPA) bool { return vmptrld(uint64(pa)) == 0 }

// Clear writes the VMCS at pa back and makes it inactive on this processor: the
// only way to take it to another one. c is its context, which then launches anew.
//
//go:nosplit
func Clear(c *Context, pa addr.HPA) bool {
	c.Launched = 0
	return vmclear(uint64(pa)) == 0
}

// Current returns the VMCS that is current, all ones if none is.
//
//go:nosplit
func Current() addr.HPA { return addr.HPA(vmptrst()) }

// WriteHost tells the current VMCS where its exits land: in c, and in the
// instance and on the processor that h describes. All that differs between two
// processors or two instances is written here.
//
//go:nosplit
func WriteHost(c *Context, h *kernel.HostState) { WriteHostFor(c, h, landing()) }

// WriteHostFor is WriteHost for any instance: pc is where its exits land.
//
//go:nosplit
func WriteHostFor(c *Context, h *kernel.HostState, pc uint64) {
	vmcs.HostCR0.Write(h.CR0)
	vmcs.HostCR3.Write(h.CR3)
	vmcs.HostCR4.Write(h.CR4 | x86.CR4VMXE)
	vmcs.HostFSBase.Write(h.FSBase)
	vmcs.HostGSBase.Write(h.GSBase)
	vmcs.HostTRBase.Write(h.TRBase)
	vmcs.HostGDTRBase.Write(h.GDTRBase)
	vmcs.HostIDTRBase.Write(h.IDTRBase)
	vmcs.HostCSSelector.Write(h.CS)
	vmcs.HostSSSelector.Write(h.SS)
	vmcs.HostTRSelector.Write(h.TR)
	vmcs.HostRSP.Write(end(c))
	vmcs.HostRIP.Write(pc)
}

// MoveHost tells the current VMCS that its exits land in another instance, which
// differs from the one that it was written for only in its tables, its thread and
// its code.
//
//go:nosplit
func MoveHost(cr3, fs, pc uint64) {
	vmcs.HostCR3.Write(cr3)
	vmcs.HostFSBase.Write(fs)
	vmcs.HostRIP.Write(pc)
}

// writeHostConstants writes what is the same for all: null data segments, no
// SYSENTER, and the PAT and EFER of the running processor.
//
//go:nosplit
func writeHostConstants() {
	vmcs.HostESSelector.Write(0)
	vmcs.HostDSSelector.Write(0)
	vmcs.HostFSSelector.Write(0)
	vmcs.HostGSSelector.Write(0)
	vmcs.HostPAT.Write(rdmsr(x86.MSRPAT))
	vmcs.HostEFER.Write(rdmsr(x86.MSREFER) &^ x86.EFERSCE) // see syscallMSRs
	vmcs.HostSysenterCS.Write(0)
	vmcs.HostSysenterESP.Write(0)
	vmcs.HostSysenterEIP.Write(0)
}
