package vmx

import (
	"errors"
	"strings"

	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// control is one of the five control words and what this processor lets it be.
type control int

// The control words, in the order of Capabilities.ctl.
const (
	pin control = iota
	primary
	secondary
	exit
	entry
	numControls
)

var controlMSRs = [numControls]struct{ plain, precise x86.MSR }{
	pin:       {x86.MSRVMXPinbasedCtls, x86.MSRVMXTruePinbasedCtls},
	primary:   {x86.MSRVMXProcbasedCtls, x86.MSRVMXTrueProcbasedCtls},
	secondary: {x86.MSRVMXProcbasedCtls2, x86.MSRVMXProcbasedCtls2},
	exit:      {x86.MSRVMXExitCtls, x86.MSRVMXTrueExitCtls},
	entry:     {x86.MSRVMXEntryCtls, x86.MSRVMXTrueEntryCtls},
}

// Capabilities are what a processor's VT-x can do, as its MSRs tell. SDM Vol.
// 3C, appendix "VMX Capability Reporting Facility".
type Capabilities struct {
	Basic, Misc, EPTVPID uint64
	CR0Fixed0, CR0Fixed1 uint64
	CR4Fixed0, CR4Fixed1 uint64
	ctl                  [numControls]uint64 // allowed-0 settings low, allowed-1 settings high
	Revision             uint32              // of VMXON regions and VMCSs
	TimerShift           uint                // the preemption timer counts TSC >> TimerShift
	EPT1G, AccessDirty   bool
}

// Bits of the EPT and VPID capability MSR. SDM Vol. 3C, "VPID and EPT Capabilities".
const (
	capEPTWalk4      = 1 << 6
	capEPTWB         = 1 << 14
	capEPT2M         = 1 << 16
	capEPT1G         = 1 << 17
	capINVEPT        = 1 << 20
	capEPTAD         = 1 << 21
	capINVEPTOne     = 1 << 25
	capINVEPTAll     = 1 << 26
	capINVVPID       = 1 << 32
	capINVVPIDAddr   = 1 << 40
	capINVVPIDOne    = 1 << 41
	capINVVPIDAll    = 1 << 42
	capINVVPIDGlobal = 1 << 43
)

// read asks the processor, through rdmsr.
func (c *Capabilities) read(rdmsr func(x86.MSR) uint64) {
	c.Basic, c.Misc = rdmsr(x86.MSRVMXBasic), rdmsr(x86.MSRVMXMisc)
	c.CR0Fixed0, c.CR0Fixed1 = rdmsr(x86.MSRVMXCR0Fixed0), rdmsr(x86.MSRVMXCR0Fixed1)
	c.CR4Fixed0, c.CR4Fixed1 = rdmsr(x86.MSRVMXCR4Fixed0), rdmsr(x86.MSRVMXCR4Fixed1)
	c.Revision = uint32(c.Basic) & 0x7fffffff
	c.TimerShift = uint(c.Misc & 31)
	for i := range c.ctl {
		m := controlMSRs[i].plain
		if c.Basic>>55&1 != 0 {
			m = controlMSRs[i].precise
		}
		if control(i) == secondary && c.ctl[primary]>>32&vmcs.PrimSecondary == 0 {
			continue
		}
		c.ctl[i] = rdmsr(m)
	}
	if c.ctl[secondary]>>32&(vmcs.SecEPT|vmcs.SecVPID) != 0 {
		c.EPTVPID = rdmsr(x86.MSRVMXEPTVPIDCap)
	}
	c.EPT1G, c.AccessDirty = c.EPTVPID&capEPT1G != 0, c.EPTVPID&capEPTAD != 0
}

// adjust makes a control word that has the bits of want, as far as this
// processor has them, and those that it insists on.
//
//go:nosplit
func (c *Capabilities) adjust(w control, want uint32) uint32 {
	return (want | uint32(c.ctl[w])) & uint32(c.ctl[w]>>32)
}

// feature is one thing that the hypervisor cannot do without.
type feature struct {
	name string
	word control
	bit  uint32
}

// required are the controls that the hypervisor is built on.
var required = [...]feature{
	{"external-interrupt exiting", pin, vmcs.PinExternal},
	{"NMI exiting", pin, vmcs.PinNMI},
	{"virtual NMIs", pin, vmcs.PinVirtualNMI},
	{"preemption timer", pin, vmcs.PinTimer},
	{"interrupt-window exiting", primary, vmcs.PrimInterruptWindow},
	{"NMI-window exiting", primary, vmcs.PrimNMIWindow},
	{"HLT exiting", primary, vmcs.PrimHLT},
	{"I/O bitmaps", primary, vmcs.PrimIOBitmaps},
	{"MSR bitmaps", primary, vmcs.PrimMSRBitmap},
	{"secondary controls", primary, vmcs.PrimSecondary},
	{"EPT", secondary, vmcs.SecEPT},
	{"VPID", secondary, vmcs.SecVPID},
	{"unrestricted guest", secondary, vmcs.SecUnrestricted},
	{"64-bit host", exit, vmcs.ExitHost64},
	{"acknowledge interrupt on exit", exit, vmcs.ExitAckIntr},
	{"save and load PAT on exit", exit, vmcs.ExitSavePAT},
	{"save and load PAT on exit", exit, vmcs.ExitLoadPAT},
	{"save and load EFER on exit", exit, vmcs.ExitSaveEFER},
	{"save and load EFER on exit", exit, vmcs.ExitLoadEFER},
	{"IA-32e mode guest", entry, vmcs.EntryIA32e},
	{"load PAT on entry", entry, vmcs.EntryLoadPAT},
	{"load EFER on entry", entry, vmcs.EntryLoadEFER},
}

// requiredEPT are the required bits of the EPT and VPID capabilities.
var requiredEPT = [...]struct {
	name string
	bits uint64
}{
	{"EPT 4-level walk", capEPTWalk4},
	{"EPT write-back", capEPTWB},
	{"EPT 2M pages", capEPT2M},
	{"INVEPT", capINVEPT | capINVEPTOne | capINVEPTAll},
	{"INVVPID", capINVVPID | capINVVPIDOne | capINVVPIDAll},
}

// missing names the required features that the processor lacks.
func (c *Capabilities) missing() (names []string) {
	add := func(name string) {
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	for _, f := range required {
		if c.ctl[f.word]>>32&uint64(f.bit) == 0 {
			add(f.name)
		}
	}
	for _, f := range requiredEPT {
		if c.EPTVPID&f.bits != f.bits {
			add(f.name)
		}
	}
	if c.Basic>>48&1 != 0 {
		add("VMX structures above 4 GiB")
	}
	if t := c.Basic >> 50 & 15; t != x86.MemoryWB {
		add("VMX structures in write-back memory")
	}
	return names
}

// check returns one error that names all that is missing.
func (c *Capabilities) check() error {
	if m := c.missing(); len(m) != 0 {
		return errors.New("vmx: this processor's VT-x lacks: " + strings.Join(m, ", "))
	}
	return nil
}
