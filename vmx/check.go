package vmx

import (
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// CheckHost compares the host state of the current VMCS with what WriteHost
// gives it for c and h. It returns how many fields there are, how many of them
// are wrong, and which is the first of those.
//
//go:nosplit
func CheckHost(c *Context, h *kernel.HostState) (examined, wrong, first uint64) {
	natural := [...]struct {
		field vmcs.FieldNat
		want  uint64
	}{
		{vmcs.HostCR0, h.CR0}, {vmcs.HostCR3, h.CR3}, {vmcs.HostCR4, h.CR4 | x86.CR4VMXE},
		{vmcs.HostFSBase, h.FSBase}, {vmcs.HostGSBase, h.GSBase}, {vmcs.HostTRBase, h.TRBase},
		{vmcs.HostGDTRBase, h.GDTRBase}, {vmcs.HostIDTRBase, h.IDTRBase},
		{vmcs.HostSysenterESP, 0}, {vmcs.HostSysenterEIP, 0},
		{vmcs.HostRSP, end(c)}, {vmcs.HostRIP, landing()},
	}
	selectors := [...]struct {
		field vmcs.Field16
		want  uint16
	}{
		{vmcs.HostCSSelector, h.CS}, {vmcs.HostSSSelector, h.SS}, {vmcs.HostTRSelector, h.TR},
		{vmcs.HostDSSelector, 0}, {vmcs.HostESSelector, 0}, {vmcs.HostFSSelector, 0}, {vmcs.HostGSSelector, 0},
	}
	note := func(ok bool, field uint64) {
		examined++
		if !ok {
			if wrong == 0 {
				first = field
			}
			wrong++
		}
	}
	for i := range natural {
		f := &natural[i]
		note(f.field.Read() == f.want, uint64(f.field))
	}
	for i := range selectors {
		f := &selectors[i]
		note(f.field.Read() == f.want, uint64(f.field))
	}
	note(vmcs.HostPAT.Read() == rdmsr(x86.MSRPAT), uint64(vmcs.HostPAT))
	note(vmcs.HostEFER.Read() == rdmsr(x86.MSREFER)&^x86.EFERSCE, uint64(vmcs.HostEFER))
	note(vmcs.HostSysenterCS.Read() == 0, uint64(vmcs.HostSysenterCS))
	return examined, wrong, first
}
