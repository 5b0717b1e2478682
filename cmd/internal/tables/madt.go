package tables

import (
	"perdure/boot/le"
	"perdure/partition/abi"
)

// Entries and flags of the MADT. ACPI, "Multiple APIC Description Table (MADT)".
const (
	madtPCAT      = 1 // two 8259s
	entryCPU      = 0
	entryIOAPIC   = 1
	entryOverride = 2
	timerGSI      = 2 // of the 8254, which is ISA interrupt 0
	cpuEnabled    = 1
	activeHigh    = 1
	levelTrigger  = 3 << 2
)

// madt returns the table of processors and interrupt controllers: VP i has the
// APIC id i.
func madt(c *abi.Config) []byte {
	b := append(newTable("APIC", 4), make([]byte, 8)...)
	le.Put32(b, headerLen, abi.LAPICBase)
	if c.Platform == abi.PlatformPC {
		le.Put32(b, headerLen+4, madtPCAT)
	}
	for i := range c.VPs {
		b = append(b, entryCPU, 8, byte(i), byte(i), cpuEnabled, 0, 0, 0)
	}
	// Its id is the one after the processors', as some kernels want it.
	io := []byte{entryIOAPIC, 12, byte(c.VPs), 0, 11: 0}
	le.Put32(io, 4, abi.IOAPICBase)
	b = append(b, io...)
	if c.Platform == abi.PlatformPC {
		b = append(b, override(0, timerGSI, 0)...) // as on every PC
	}
	return append(b, override(abi.SCIGSI, abi.SCIGSI, activeHigh|levelTrigger)...)
}

// override says that an ISA interrupt is another line, or of another kind, than
// it was in a PC.
func override(irq byte, gsi uint32, flags uint16) []byte {
	e := []byte{entryOverride, 10, 0, irq, 9: 0}
	le.Put32(e, 4, gsi)
	le.Put16(e, 8, flags)
	return e
}
