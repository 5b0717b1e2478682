// Package acpi reads the firmware's description of the machine, and writes the
// one that the root partition gets to see.
//
// The one idea: tables are data at physical addresses, read through one function
// and checked before use; what root must see differently is a table of ours in
// a list that otherwise points to the originals.
package acpi

import (
	"strconv"

	"perdure/boot/le"
)

// Reader returns n bytes of physical memory at address at, or nil if there is
// no memory. It may return the memory itself; nothing is written to it.
type Reader func(at uint64, n int) []byte

// Table says where one of the firmware's tables is.
type Table struct {
	Signature string
	Addr      uint64
	Len       int
}

// Processor is a processor that the firmware knows.
type Processor struct {
	ID      uint32 // APIC id
	UID     uint32 // what the namespace calls it
	Enabled bool
}

// IOAPIC is an interrupt controller for device lines.
type IOAPIC struct {
	ID      uint8
	Addr    uint64
	GSIBase uint32
}

// Override says that an ISA line arrives somewhere else, or otherwise triggered.
type Override struct {
	Source uint8 // ISA line
	GSI    uint32
	Flags  uint16 // polarity bits 1:0, trigger bits 3:2, 0 as the bus has it
}

// NMISource is a line of an IOAPIC that brings non-maskable interrupts.
type NMISource struct {
	GSI   uint32
	Flags uint16
}

// LocalNMI is a pin of local APICs that brings non-maskable interrupts.
type LocalNMI struct {
	UID   uint32 // ^0: all processors
	Flags uint16
	Pin   uint8
}

// Register is a generic address: where a register is.
type Register struct {
	Space uint8 // SpaceMemory, SpaceIO, SpacePCI
	Width uint8 // bits
	Addr  uint64
}

// Address spaces of a Register. ACPI, "Generic Address Structure".
const (
	SpaceMemory = 0
	SpaceIO     = 1
	SpacePCI    = 2
)

// Segment is a PCI segment group with memory-mapped configuration space.
type Segment struct {
	Base       uint64
	Group      uint16
	Start, End uint8 // buses
}

// Machine is what the tables say.
type Machine struct {
	Revision   uint8 // of the root pointer; 0 is ACPI 1.0
	OEM        [6]byte
	Tables     []Table // in the firmware's order, without DSDT and FACS
	LocalAPIC  uint64  // where xAPIC pages are
	PCAT       bool    // there are two 8259s too
	Processors []Processor
	IOAPICs    []IOAPIC
	Overrides  []Override
	NMISources []NMISource
	LocalNMIs  []LocalNMI
	FADT       FADT
	HPET       uint64    // 0: none
	Segments   []Segment // none: no memory-mapped PCI configuration
	DMAR       bool      // there is an IOMMU
	Warnings   []string

	read Reader
}

// Error is a table that cannot be used.
type Error struct{ Table, What string }

func (e *Error) Error() string {
	return "ACPI table " + e.Table + " " + e.What + ": update the machine's firmware, or boot with acpi tables repaired by GRUB's acpi command"
}

// Enabled returns the APIC ids of the processors that can be started.
func (m *Machine) Enabled() (ids []uint32) {
	for _, p := range m.Processors {
		if p.Enabled {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Line returns the global interrupt that an ISA line arrives at, and its flags.
func (m *Machine) Line(isa uint8) (gsi uint32, flags uint16) {
	for _, o := range m.Overrides {
		if o.Source == isa {
			return o.GSI, o.Flags
		}
	}
	return uint32(isa), 0
}

// sum adds up b; a table that is whole adds up to zero.
func sum(b []byte) (s uint8) {
	for _, c := range b {
		s += c
	}
	return s
}

const (
	headerLen = 36
	maxTable  = 4 << 20
	maxTables = 256
)

// header reads the header of the table at address at and checks its length.
func header(read Reader, at uint64) (t Table, err *Error) {
	where := "at 0x" + strconv.FormatUint(at, 16)
	h := read(at, headerLen)
	if at == 0 || len(h) < headerLen {
		return t, &Error{where, "is not in memory"}
	}
	t = Table{string(h[:4]), at, int(le.U32(h, 4))}
	for _, c := range h[:4] {
		if c < 0x20 || c > 0x7e {
			return t, &Error{where, "has no signature"}
		}
	}
	if t.Len < headerLen || t.Len > maxTable {
		return t, &Error{t.Signature, "says that it is " + strconv.Itoa(t.Len) + " bytes long"}
	}
	return t, nil
}

// load returns all of t, at least least bytes, checksum checked.
func load(read Reader, t Table, least int) ([]byte, *Error) {
	if t.Len < least {
		return nil, &Error{t.Signature, "is only " + strconv.Itoa(t.Len) + " bytes long"}
	}
	b := read(t.Addr, t.Len)
	if len(b) < t.Len {
		return nil, &Error{t.Signature, "is not in memory"}
	}
	b = b[:t.Len]
	if s := sum(b); s != 0 {
		return nil, &Error{t.Signature, "has a wrong checksum (it adds up to " + strconv.Itoa(int(s)) + ", not 0)"}
	}
	return b, nil
}

// Find looks for the root pointer where a BIOS leaves it: the first kilobyte of
// the extended BIOS data area, then the BIOS itself. It returns nil if there is none.
func Find(read Reader) []byte {
	if b := read(0x40e, 2); len(b) >= 2 {
		if r := scan(read, uint64(le.U16(b, 0))<<4, 1024); r != nil {
			return r
		}
	}
	return scan(read, 0xe0000, 0x20000)
}

func scan(read Reader, at uint64, n int) []byte {
	b := read(at, n)
	for i := 0; at != 0 && i+rsdpLen2 <= len(b); i += 16 {
		if string(b[i:i+8]) == "RSD PTR " && sum(b[i:i+rsdpLen1]) == 0 {
			return b[i : i+rsdpLen2]
		}
	}
	return nil
}
