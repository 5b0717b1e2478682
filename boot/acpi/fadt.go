package acpi

import "perdure/boot/le"

// FADT is what the Fixed ACPI Description Table says. Ports are 0 when absent.
type FADT struct {
	SCI        uint16 // the interrupt of power management, an ISA line
	SMICommand uint16 // port
	EnableACPI uint8  // what to write to it
	PMTimer    uint16 // port of the 3.58 MHz counter
	PMTimer32  bool   // it has 32 bits, not 24
	PM1aEvent  uint16
	PM1bEvent  uint16
	PM1aCtl    uint16
	PM1bCtl    uint16
	Reset      Register
	ResetValue uint8
	CanReset   bool
	Reduced    bool // no PM1 registers, no SCI
	DSDT, FACS uint64
	BootFlags  uint16 // IA-PC boot architecture flags
}

// Offsets and flags. ACPI, "Fixed ACPI Description Table (FADT)".
const (
	fadtFACS     = 36
	fadtDSDT     = 40
	fadtSCI      = 46
	fadtSMI      = 48
	fadtEnable   = 52
	fadtPM1aEvt  = 56
	fadtPM1bEvt  = 60
	fadtPM1aCtl  = 64
	fadtPM1bCtl  = 68
	fadtPMTmr    = 76
	fadtBoot     = 109
	fadtFlags    = 112
	fadtReset    = 116
	fadtResetVal = 128
	fadtXFACS    = 132
	fadtXDSDT    = 140
	fadtXPM1aEvt = 148
	fadtXPM1bEvt = 160
	fadtXPM1aCtl = 172
	fadtXPM1bCtl = 184
	fadtXPMTmr   = 208

	flagTimer32 = 1 << 8
	flagReset   = 1 << 10
	flagReduced = 1 << 20

	bootNoMSI = 1 << 3
)

// fadt reads the fixed hardware. Firmware fills the 32-bit fields, the 64-bit
// ones, or both; a 64-bit one that is set has precedence.
func (m *Machine) fadt(b []byte) *Error {
	flags := le.U32(b, fadtFlags)
	f := FADT{
		SCI:        le.U16(b, fadtSCI),
		SMICommand: uint16(le.U32(b, fadtSMI)),
		EnableACPI: b[fadtEnable],
		PMTimer:    port(b, fadtPMTmr, fadtXPMTmr),
		PMTimer32:  flags&flagTimer32 != 0,
		PM1aEvent:  port(b, fadtPM1aEvt, fadtXPM1aEvt),
		PM1bEvent:  port(b, fadtPM1bEvt, fadtXPM1bEvt),
		PM1aCtl:    port(b, fadtPM1aCtl, fadtXPM1aCtl),
		PM1bCtl:    port(b, fadtPM1bCtl, fadtXPM1bCtl),
		Reduced:    flags&flagReduced != 0,
		FACS:       wide(b, fadtFACS, fadtXFACS),
		DSDT:       wide(b, fadtDSDT, fadtXDSDT),
		BootFlags:  le.U16(b, fadtBoot),
	}
	if flags&flagReset != 0 && len(b) > fadtResetVal {
		f.Reset, f.ResetValue = register(b, fadtReset), b[fadtResetVal]
		f.CanReset = f.Reset.Addr != 0
	}
	if f.DSDT == 0 {
		return &Error{"FACP", "has no DSDT"}
	}
	if _, err := header(m.read, f.DSDT); err != nil {
		return &Error{"DSDT", err.What}
	}
	m.FADT = f
	return nil
}

// register reads a generic address at b[off].
func register(b []byte, off int) Register {
	return Register{b[off], b[off+1], le.U64(b, off+4)}
}

// wide returns the address at b[x], or if that is 0 or not there, at b[off].
func wide(b []byte, off, x int) uint64 {
	if len(b) >= x+8 {
		if a := le.U64(b, x); a != 0 {
			return a
		}
	}
	return uint64(le.U32(b, off))
}

// port returns the I/O port in the generic address at b[x], or else at b[off].
func port(b []byte, off, x int) uint16 {
	if len(b) >= x+12 {
		if r := register(b, x); r.Space == SpaceIO && r.Addr != 0 {
			return uint16(r.Addr)
		}
	}
	return uint16(le.U32(b, off))
}
