package vmcs

// Guest state. SDM Vol. 3C, "Guest-State Area".
const (
	GuestSelectorES   Field16 = 0x0800
	GuestSelectorCS   Field16 = 0x0802
	GuestSelectorSS   Field16 = 0x0804
	GuestSelectorDS   Field16 = 0x0806
	GuestSelectorFS   Field16 = 0x0808
	GuestSelectorGS   Field16 = 0x080a
	GuestSelectorLDTR Field16 = 0x080c
	GuestSelectorTR   Field16 = 0x080e
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

	GuestLimitES          Field32 = 0x4800
	GuestLimitCS          Field32 = 0x4802
	GuestLimitSS          Field32 = 0x4804
	GuestLimitDS          Field32 = 0x4806
	GuestLimitFS          Field32 = 0x4808
	GuestLimitGS          Field32 = 0x480a
	GuestLimitLDTR        Field32 = 0x480c
	GuestLimitTR          Field32 = 0x480e
	GuestLimitGDTR        Field32 = 0x4810
	GuestLimitIDTR        Field32 = 0x4812
	GuestRightsES         Field32 = 0x4814
	GuestRightsCS         Field32 = 0x4816
	GuestRightsSS         Field32 = 0x4818
	GuestRightsDS         Field32 = 0x481a
	GuestRightsFS         Field32 = 0x481c
	GuestRightsGS         Field32 = 0x481e
	GuestRightsLDTR       Field32 = 0x4820
	GuestRightsTR         Field32 = 0x4822
	GuestInterruptibility Field32 = 0x4824
	GuestActivity         Field32 = 0x4826
	GuestSMBASE           Field32 = 0x4828
	GuestSysenterCS       Field32 = 0x482a
	GuestTimer            Field32 = 0x482e // the VMX preemption timer

	GuestCR0          FieldNat = 0x6800
	GuestCR3          FieldNat = 0x6802
	GuestCR4          FieldNat = 0x6804
	GuestBaseES       FieldNat = 0x6806
	GuestBaseCS       FieldNat = 0x6808
	GuestBaseSS       FieldNat = 0x680a
	GuestBaseDS       FieldNat = 0x680c
	GuestBaseFS       FieldNat = 0x680e
	GuestBaseGS       FieldNat = 0x6810
	GuestBaseLDTR     FieldNat = 0x6812
	GuestBaseTR       FieldNat = 0x6814
	GuestBaseGDTR     FieldNat = 0x6816
	GuestBaseIDTR     FieldNat = 0x6818
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
	RightsAccessed = 1 << 0
	RightsWrite    = 1 << 1 // of data; of code: readable
	RightsCode     = 1 << 3
	RightsSegment  = 1 << 4 // code or data, not a system segment
	RightsPresent  = 1 << 7
	RightsLong     = 1 << 13
	RightsBig      = 1 << 14
	RightsGranular = 1 << 15
	RightsUnusable = 1 << 16

	RightsData     = RightsPresent | RightsSegment | RightsWrite | RightsAccessed
	RightsExec     = RightsData | RightsCode
	RightsLDT      = RightsPresent | 2
	RightsBusyTSS  = RightsPresent | 11 // 32- and 64-bit
	RightsBusyTSS2 = RightsPresent | 3  // 16-bit
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

// Selector, Base, Limit and Rights are the four fields of s.
//
//go:nosplit
func (s Segment) Selector() Field16 { return GuestSelectorES + Field16(2*s) }

// Base is the field with the segment's linear base.
//
//go:nosplit
func (s Segment) Base() FieldNat { return GuestBaseES + FieldNat(2*s) }

// Limit is the field with the offset of the segment's last byte.
//
//go:nosplit
func (s Segment) Limit() Field32 { return GuestLimitES + Field32(2*s) }

// Rights is the field with the access rights.
//
//go:nosplit
func (s Segment) Rights() Field32 { return GuestRightsES + Field32(2*s) }
