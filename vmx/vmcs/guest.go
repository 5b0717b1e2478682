package vmcs

// Guest state. SDM Vol. 3C, "Guest-State Area".
const (
	GuestESSelector   Field16 = 0x0800
	GuestCSSelector   Field16 = 0x0802
	GuestSSSelector   Field16 = 0x0804
	GuestDSSelector   Field16 = 0x0806
	GuestFSSelector   Field16 = 0x0808
	GuestGSSelector   Field16 = 0x080a
	GuestLDTRSelector Field16 = 0x080c
	GuestTRSelector   Field16 = 0x080e
	GuestIntrStatus   Field16 = 0x0810
	GuestPMLIndex     Field16 = 0x0812

	GuestLinkPointer    Field64 = 0x2800
	GuestDebugCtl       Field64 = 0x2802
	GuestPAT            Field64 = 0x2804
	GuestEFER           Field64 = 0x2806
	GuestPerfGlobalCtrl Field64 = 0x2808
	GuestPDPTE0         Field64 = 0x280a
	GuestPDPTE1         Field64 = 0x280c
	GuestPDPTE2         Field64 = 0x280e
	GuestPDPTE3         Field64 = 0x2810

	GuestESLimit          Field32 = 0x4800
	GuestCSLimit          Field32 = 0x4802
	GuestSSLimit          Field32 = 0x4804
	GuestDSLimit          Field32 = 0x4806
	GuestFSLimit          Field32 = 0x4808
	GuestGSLimit          Field32 = 0x480a
	GuestLDTRLimit        Field32 = 0x480c
	GuestTRLimit          Field32 = 0x480e
	GuestGDTRLimit        Field32 = 0x4810
	GuestIDTRLimit        Field32 = 0x4812
	GuestESAccess         Field32 = 0x4814
	GuestCSAccess         Field32 = 0x4816
	GuestSSAccess         Field32 = 0x4818
	GuestDSAccess         Field32 = 0x481a
	GuestFSAccess         Field32 = 0x481c
	GuestGSAccess         Field32 = 0x481e
	GuestLDTRAccess       Field32 = 0x4820
	GuestTRAccess         Field32 = 0x4822
	GuestInterruptibility Field32 = 0x4824
	GuestActivity         Field32 = 0x4826
	GuestSMBASE           Field32 = 0x4828
	GuestSysenterCS       Field32 = 0x482a
	GuestTimer            Field32 = 0x482e // the VMX preemption timer

	GuestCR0          FieldNat = 0x6800
	GuestCR3          FieldNat = 0x6802
	GuestCR4          FieldNat = 0x6804
	GuestESBase       FieldNat = 0x6806
	GuestCSBase       FieldNat = 0x6808
	GuestSSBase       FieldNat = 0x680a
	GuestDSBase       FieldNat = 0x680c
	GuestFSBase       FieldNat = 0x680e
	GuestGSBase       FieldNat = 0x6810
	GuestLDTRBase     FieldNat = 0x6812
	GuestTRBase       FieldNat = 0x6814
	GuestGDTRBase     FieldNat = 0x6816
	GuestIDTRBase     FieldNat = 0x6818
	GuestDR7          FieldNat = 0x681a
	GuestRSP          FieldNat = 0x681c
	GuestRIP          FieldNat = 0x681e
	GuestRFLAGS       FieldNat = 0x6820
	GuestPendingDebug FieldNat = 0x6822
	GuestSysenterESP  FieldNat = 0x6824
	GuestSysenterEIP  FieldNat = 0x6826
)

// Bits of GuestInterruptibility.
const (
	BlockedBySTI   = 1 << 0
	BlockedByMovSS = 1 << 1
	BlockedBySMI   = 1 << 2
	BlockedByNMI   = 1 << 3
)

// Values of GuestActivity.
const (
	ActivityActive   = 0
	ActivityHLT      = 1
	ActivityShutdown = 2
	ActivityWaitSIPI = 3
)

// Bits of a segment's access rights. SDM Vol. 3C, "Guest Register State".
const (
	AccessAccessed = 1 << 0
	AccessWrite    = 1 << 1 // of data; of code: readable
	AccessCode     = 1 << 3
	AccessSegment  = 1 << 4 // code or data, not a system segment
	AccessPresent  = 1 << 7
	AccessLong     = 1 << 13
	AccessBig      = 1 << 14
	AccessGranular = 1 << 15
	AccessUnusable = 1 << 16

	AccessData     = AccessPresent | AccessSegment | AccessWrite | AccessAccessed
	AccessExec     = AccessData | AccessCode
	AccessLDT      = AccessPresent | 2
	AccessBusyTSS  = AccessPresent | 11 // 32- and 64-bit
	AccessBusyTSS2 = AccessPresent | 3  // 16-bit
)

// Segment is a segment register by the number that instructions give it; LDTR
// and TR follow in the order of the field encodings.
type Segment uint32

// Segment registers.
const (
	ES Segment = iota
	CS
	SS
	DS
	FS
	GS
	LDTR
	TR
)

// Selector, Base, Limit and Access are the four fields of s.
//
//go:nosplit
func (s Segment) Selector() Field16 { return GuestESSelector + Field16(2*s) }

// Base is the field with the segment's linear base.
//
//go:nosplit
func (s Segment) Base() FieldNat { return GuestESBase + FieldNat(2*s) }

// Limit is the field with the offset of the segment's last byte.
//
//go:nosplit
func (s Segment) Limit() Field32 { return GuestESLimit + Field32(2*s) }

// Access is the field with the access rights.
//
//go:nosplit
func (s Segment) Access() Field32 { return GuestESAccess + Field32(2*s) }
