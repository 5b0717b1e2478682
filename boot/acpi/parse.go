package acpi

import (
	"slices"
	"strconv"

	"perdure/boot/le"
)

// Lengths of the root pointer in ACPI 1.0 and later.
const (
	rsdpLen1 = 20
	rsdpLen2 = 36
)

// Parse follows the root pointer to all tables and reads those that we need. A
// table that we cannot do without and that is damaged is an error; other
// damage is a warning, and that table is left out.
func Parse(rsdp []byte, read Reader) (*Machine, error) {
	m := &Machine{read: read}
	if err := m.tables(rsdp); err != nil {
		return nil, err
	}
	for _, step := range [...]struct {
		signature string
		least     int
		needed    bool
		take      func(m *Machine, b []byte) *Error
	}{
		{"APIC", 44, true, (*Machine).madt},
		{"FACP", 116, true, (*Machine).fadt},
		{"HPET", 56, false, (*Machine).hpet},
		{"MCFG", 44, false, (*Machine).mcfg},
		{"DMAR", 48, false, (*Machine).dmar},
	} {
		t, ok := m.Table(step.signature)
		if !ok {
			if step.needed {
				return nil, &Error{step.signature, "is missing"}
			}
			continue
		}
		b, err := load(read, t, step.least)
		if err == nil {
			err = step.take(m, b)
		}
		if err != nil && step.needed {
			return nil, err
		}
		if err != nil {
			m.Warnings = append(m.Warnings, "ACPI table "+err.Table+" "+err.What+"; it is not used")
		}
	}
	return m, nil
}

// Table returns the first table of a signature.
func (m *Machine) Table(signature string) (Table, bool) {
	i := slices.IndexFunc(m.Tables, func(t Table) bool { return t.Signature == signature })
	if i < 0 {
		return Table{}, false
	}
	return m.Tables[i], true
}

// tables reads the root pointer and the list that it points to: the XSDT, or
// in ACPI 1.0 the RSDT.
func (m *Machine) tables(rsdp []byte) error {
	if len(rsdp) < rsdpLen1 || string(rsdp[:8]) != "RSD PTR " {
		return &Error{"RSDP", "was not found"}
	}
	if sum(rsdp[:rsdpLen1]) != 0 {
		return &Error{"RSDP", "has a wrong checksum"}
	}
	copy(m.OEM[:], rsdp[9:15])
	m.Revision = rsdp[15]
	list, width, name := uint64(le.U32(rsdp, 16)), 4, "RSDT"
	if m.Revision >= 2 && len(rsdp) >= rsdpLen2 {
		if n := le.U32(rsdp, 20); n < rsdpLen2 || uint64(n) <= uint64(len(rsdp)) && sum(rsdp[:n]) != 0 {
			return &Error{"RSDP", "has a wrong extended checksum"}
		}
		if x := le.U64(rsdp, 24); x != 0 {
			list, width, name = x, 8, "XSDT"
		}
	}
	t, err := header(m.read, list)
	if err != nil {
		return &Error{name, err.What}
	}
	if t.Signature != name {
		return &Error{name, "has the signature '" + t.Signature + "'"}
	}
	b, err := load(m.read, t, headerLen)
	if err != nil {
		return err
	}
	for b = b[headerLen:]; len(b) >= width; b = b[width:] {
		at := uint64(le.U32(b, 0))
		if width == 8 {
			at = le.U64(b, 0)
		}
		if at == 0 {
			continue
		}
		if len(m.Tables) == maxTables {
			return &Error{name, "lists more than " + strconv.Itoa(maxTables) + " tables"}
		}
		t, err := header(m.read, at)
		if err != nil {
			m.Warnings = append(m.Warnings, "ACPI table "+err.Table+" "+err.What+"; it is left out")
			continue
		}
		m.Tables = append(m.Tables, t)
	}
	return nil
}

// hpet reads where the event timer is. IA-PC HPET Specification, "The ACPI 2.0 HPET Description Table".
func (m *Machine) hpet(b []byte) *Error {
	if b[40] != SpaceMemory {
		return &Error{"HPET", "is not in memory space"}
	}
	m.HPET = le.U64(b, 44)
	return nil
}

// mcfg reads where PCI configuration space is. PCI Firmware Specification, "MCFG Table Description".
func (m *Machine) mcfg(b []byte) *Error {
	for b = b[44:]; len(b) >= 16; b = b[16:] {
		s := Segment{le.U64(b, 0), le.U16(b, 8), b[10], b[11]}
		if s.End < s.Start {
			return &Error{"MCFG", "has a segment that ends before it starts"}
		}
		m.Segments = append(m.Segments, s)
	}
	return nil
}

func (m *Machine) dmar([]byte) *Error {
	m.DMAR = true
	return nil
}
