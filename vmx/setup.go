package vmx

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx/vmcs"
)

// Config is what a VMCS is made from.
type Config struct {
	VMCS      addr.HPA // one kept page
	MSRBitmap addr.HPA // one
	IOBitmap  addr.HPA // two
	EPTP      uint64   // as ept.Pointer makes it
	VPID      uint16   // not 0, and nobody else's
}

// CR0Mask and CR4Mask are the bits that a guest sees through a shadow: writing
// them exits. NE is fixed in VMX operation, CD and NW would switch off the
// processor's caches; VMXE is fixed, and the others turn on what no guest has.
const (
	CR0Mask = x86.CR0NE | x86.CR0CD | x86.CR0NW
	CR4Mask = x86.CR4VMXE | x86.CR4SMXE | x86.CR4LA57 | x86.CR4KL | x86.CR4CET | x86.CR4PKS | 0xffffffff_fe000000
)

// exceptions are those that exit: a guest can keep the processor busy for ever
// by delivering #DB or #AC within their own delivery, and #MC is the machine's.
const exceptions = 1<<x86.VectorDB | 1<<x86.VectorAC | 1<<x86.VectorMC

const (
	wantPin     = vmcs.PinExternal | vmcs.PinNMI | vmcs.PinVirtualNMI | vmcs.PinTimer
	wantPrimary = vmcs.PrimHLT | vmcs.PrimMWAIT | vmcs.PrimMONITOR | vmcs.PrimRDPMC | vmcs.PrimIOBitmaps |
		vmcs.PrimMSRBitmap | vmcs.PrimSecondary | vmcs.PrimCR8Load | vmcs.PrimCR8Store
	wantSecondary = vmcs.SecEPT | vmcs.SecVPID | vmcs.SecUnrestricted | vmcs.SecRDTSCP | vmcs.SecINVPCID |
		vmcs.SecXSAVES | vmcs.SecWBINVD | vmcs.SecPAUSELoop
	wantExit  = vmcs.ExitHost64 | vmcs.ExitAckIntr | vmcs.ExitSavePAT | vmcs.ExitLoadPAT | vmcs.ExitSaveEFER | vmcs.ExitLoadEFER | vmcs.ExitSaveDebug
	wantEntry = vmcs.EntryLoadPAT | vmcs.EntryLoadEFER | vmcs.EntryLoadDebug
)

// A guest that executes PAUSE this often, so many ticks apart, spins on a lock.
const (
	pleGap    = 128
	pleWindow = 4096
)

// Setup makes a VMCS with all controls, and makes it current; host and guest
// state are written by WriteHost and one of the Start functions.
//
//go:nosplit
func Setup(c *Context, cfg *Config) bool {
	setRevision(cfg.VMCS, Caps.Revision)
	if !Clear(c, cfg.VMCS) || !Load(cfg.VMCS) {
		return false
	}
	vmcs.EntryControls.Write(Caps.adjust(entry, wantEntry))
	vmcs.EntryInterruptionInfo.Write(0)
	SetControls(cfg)
	writeHostConstants()
	return true
}

// SetControls writes all controls of the current VMCS that cfg decides about: all but what
// changes while the guest runs, which is its mode, its windows and the event for its next entry.
//
//go:nosplit
func SetControls(cfg *Config) {
	vmcs.PinControls.Write(Caps.adjust(pin, wantPin))
	vmcs.PrimaryControls.Write(Caps.adjust(primary, wantPrimary))
	vmcs.SecondaryControls.Write(Caps.adjust(secondary, wantSecondary))
	vmcs.ExitControls.Write(Caps.adjust(exit, wantExit))
	vmcs.EntryControls.Write(Caps.adjust(entry, wantEntry) | vmcs.EntryControls.Read()&vmcs.EntryIA32e)
	vmcs.EPTPointer.Write(cfg.EPTP)
	vmcs.VPID.Write(cfg.VPID)
	vmcs.MSRBitmap.Write(uint64(cfg.MSRBitmap))
	vmcs.IOBitmapA.Write(uint64(cfg.IOBitmap))
	vmcs.IOBitmapB.Write(uint64(cfg.IOBitmap + addr.PageSize))
	vmcs.ExceptionBitmap.Write(exceptions)
	vmcs.PageFaultMask.Write(0)
	vmcs.PageFaultMatch.Write(0)
	vmcs.CR3TargetCount.Write(0)
	vmcs.ExitMSRStoreCount.Write(0)
	vmcs.ExitMSRLoadCount.Write(0)
	vmcs.EntryMSRLoadCount.Write(0)
	vmcs.TSCOffset.Write(0)
	if Caps.has(secondary, vmcs.SecXSAVES) {
		vmcs.XSSExitBitmap.Write(^uint64(0))
	}
	if Caps.has(secondary, vmcs.SecPAUSELoop) {
		vmcs.PLEGap.Write(pleGap)
		vmcs.PLEWindow.Write(pleWindow)
	}
	vmcs.CR0Mask.Write(CR0Mask)
	vmcs.CR4Mask.Write(CR4Mask)
	SetTimer(^uint64(0))
}

// has reports whether the processor has a control.
//
//go:nosplit
func (c *Capabilities) has(w control, bit uint32) bool { return c.ctl[w]>>32&uint64(bit) != 0 }

// Controls returns the primary controls as Setup writes them, to open and close
// interrupt windows upon.
//
//go:nosplit
func Controls() uint32 { return Caps.adjust(primary, wantPrimary) }
