package tables

import (
	"perdure/boot/le"
	"perdure/partition/abi"
)

// Fields of the FADT. ACPI, "Fixed ACPI Description Table (FADT)".
const (
	fadtLen      = 276
	fadtFACS     = 36
	fadtDSDT     = 40
	fadtSCI      = 46
	fadtPM1aEvt  = 56
	fadtPM1aCtl  = 64
	fadtEvtLen   = 88
	fadtCtlLen   = 89
	fadtC2       = 96
	fadtC3       = 98
	fadtBoot     = 109
	fadtFlags    = 112
	fadtReset    = 116
	fadtResetVal = 128
	fadtMinor    = 131
	fadtXFACS    = 132
	fadtXDSDT    = 140
	fadtXPM1aEvt = 148
	fadtXPM1aCtl = 172
)

// Flags of the FADT. The power button is fixed hardware because its flag is 0.
const (
	flagWBINVD      = 1 << 0
	flagC1          = 1 << 2
	flagNoSleepKey  = 1 << 5 // no sleep button in the fixed registers
	flagNoRTC       = 1 << 6 // no alarm in the fixed registers
	flagReset       = 1 << 10
	bootLegacy      = 1 << 0
	bootNoVGA       = 1 << 2
	bootNoMSI       = 1 << 3
	bootNoRTC       = 1 << 5
	noC2, noC3      = 101, 1001 // latencies that mean: not there
	evtLen, ctlLen  = 4, 2
	spaceIO         = 1
	accessByte      = 1
	accessWord      = 2
	accessDword     = 3
	fadtRevision    = 6
	fadtMinorLatest = 3
)

// fadt returns the table of fixed hardware. No SMI command port means that the
// system is in ACPI mode from the beginning.
func fadt(c *abi.Config, facs, dsdt uint64) []byte {
	b := append(newTable("FACP", fadtRevision), make([]byte, fadtLen-headerLen)...)
	b[fadtMinor] = fadtMinorLatest
	le.Put32(b, fadtFACS, uint32(facs))
	le.Put32(b, fadtDSDT, uint32(dsdt))
	le.Put64(b, fadtXDSDT, dsdt)
	le.Put16(b, fadtSCI, abi.SCIGSI)
	le.Put32(b, fadtPM1aEvt, abi.PM1Event)
	le.Put32(b, fadtPM1aCtl, abi.PM1Control)
	b[fadtEvtLen], b[fadtCtlLen] = evtLen, ctlLen
	le.Put16(b, fadtC2, noC2)
	le.Put16(b, fadtC3, noC3)
	arch := uint16(bootNoVGA | bootNoMSI | bootNoRTC)
	if c.Platform == abi.PlatformPC {
		arch |= bootLegacy
	}
	le.Put16(b, fadtBoot, arch)
	le.Put32(b, fadtFlags, flagWBINVD|flagC1|flagNoSleepKey|flagNoRTC|flagReset)
	address(b[fadtReset:], 8, accessByte, abi.ResetPort)
	b[fadtResetVal] = abi.ResetValue
	address(b[fadtXPM1aEvt:], evtLen*8, accessDword, abi.PM1Event)
	address(b[fadtXPM1aCtl:], ctlLen*8, accessWord, abi.PM1Control)
	return b
}

// address writes the address of a register in I/O space. ACPI, "Generic Address
// Structure (GAS)".
func address(b []byte, width, access byte, port uint64) {
	b[0], b[1], b[3] = spaceIO, width, access
	le.Put64(b, 4, port)
}
