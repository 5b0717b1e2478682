package vmcs

// Named is a field with its name, for reports.
type Named struct {
	Name string
	enc  uint32
}

// Read returns the field of the current VMCS, whatever its width.
//
//go:nosplit
func (n *Named) Read() uint64 { return read(uint64(n.enc)) }

// Report lists what one wants to know of a virtual processor that cannot go on:
// what the exit said, then the guest's state, then the controls.
var Report = [...]Named{
	{"reason", uint32(ExitReason)},
	{"qualification", uint32(ExitQualification)},
	{"length", uint32(ExitInstructionLength)},
	{"interruption", uint32(ExitInterruptionInfo)},
	{"its error code", uint32(ExitInterruptionErrorCode)},
	{"IDT vectoring", uint32(IDTVectoringInfo)},
	{"its error code", uint32(IDTVectoringErrorCode)},
	{"guest-physical", uint32(GuestPhysicalAddress)},
	{"linear", uint32(GuestLinearAddress)},
	{"instruction error", uint32(InstructionError)},
	{"RIP", uint32(GuestRIP)},
	{"RSP", uint32(GuestRSP)},
	{"RFLAGS", uint32(GuestRFLAGS)},
	{"CR0", uint32(GuestCR0)},
	{"CR0 shadow", uint32(CR0Shadow)},
	{"CR3", uint32(GuestCR3)},
	{"CR4", uint32(GuestCR4)},
	{"CR4 shadow", uint32(CR4Shadow)},
	{"EFER", uint32(GuestEFER)},
	{"CS", uint32(GuestCSSelector)},
	{"CS base", uint32(GuestCSBase)},
	{"CS limit", uint32(GuestCSLimit)},
	{"CS access", uint32(GuestCSAccess)},
	{"SS", uint32(GuestSSSelector)},
	{"SS base", uint32(GuestSSBase)},
	{"SS access", uint32(GuestSSAccess)},
	{"DS", uint32(GuestDSSelector)},
	{"DS access", uint32(GuestDSAccess)},
	{"ES", uint32(GuestESSelector)},
	{"ES access", uint32(GuestESAccess)},
	{"FS base", uint32(GuestFSBase)},
	{"FS access", uint32(GuestFSAccess)},
	{"GS base", uint32(GuestGSBase)},
	{"GS access", uint32(GuestGSAccess)},
	{"TR", uint32(GuestTRSelector)},
	{"TR base", uint32(GuestTRBase)},
	{"TR access", uint32(GuestTRAccess)},
	{"LDTR", uint32(GuestLDTRSelector)},
	{"LDTR access", uint32(GuestLDTRAccess)},
	{"GDTR base", uint32(GuestGDTRBase)},
	{"GDTR limit", uint32(GuestGDTRLimit)},
	{"IDTR base", uint32(GuestIDTRBase)},
	{"IDTR limit", uint32(GuestIDTRLimit)},
	{"DR7", uint32(GuestDR7)},
	{"interruptibility", uint32(GuestInterruptibility)},
	{"activity", uint32(GuestActivity)},
	{"pending debug", uint32(GuestPendingDebug)},
	{"link pointer", uint32(GuestLinkPointer)},
	{"entry event", uint32(EntryInterruptionInfo)},
	{"pin controls", uint32(PinControls)},
	{"primary controls", uint32(PrimaryControls)},
	{"secondary controls", uint32(SecondaryControls)},
	{"exit controls", uint32(ExitControls)},
	{"entry controls", uint32(EntryControls)},
	{"EPT pointer", uint32(EPTPointer)},
	{"VPID", uint32(VPID)},
}
