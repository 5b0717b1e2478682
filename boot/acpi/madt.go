package acpi

import (
	"slices"
	"strconv"

	"perdure/boot/le"
)

// Entries of the MADT. ACPI, "Multiple APIC Description Table (MADT)".
const (
	entryLocalAPIC   = 0
	entryIOAPIC      = 1
	entryOverride    = 2
	entryNMISource   = 3
	entryLocalNMI    = 4
	entryLocalAddr   = 5
	entryLocalX2APIC = 9
	entryX2NMI       = 10
)

// entryLen is the length of each entry that we read; 0: not read.
var entryLen = [...]int{entryLocalAPIC: 8, entryIOAPIC: 12, entryOverride: 10, entryNMISource: 8,
	entryLocalNMI: 6, entryLocalAddr: 12, entryLocalX2APIC: 16, entryX2NMI: 12}

const (
	madtPCAT    = 1 // MADT flag: two 8259s
	apicEnabled = 1 // entry flag: the processor can be used
	x2Only      = 255
	// MaxProcessors is how many processors a machine may list.
	MaxProcessors = 4096
)

// madt reads processors and interrupt controllers.
func (m *Machine) madt(b []byte) *Error {
	m.LocalAPIC = uint64(le.U32(b, 36))
	m.PCAT = le.U32(b, 40)&madtPCAT != 0
	for b = b[44:]; len(b) >= 2; {
		kind, n := b[0], int(b[1])
		if n < 2 || n > len(b) {
			return &Error{"APIC", "has an entry of kind " + strconv.Itoa(int(kind)) + " with impossible length " + strconv.Itoa(n)}
		}
		if int(kind) < len(entryLen) && n < entryLen[kind] {
			return &Error{"APIC", "has an entry of kind " + strconv.Itoa(int(kind)) + " that is only " + strconv.Itoa(n) + " bytes long"}
		}
		m.madtEntry(kind, b[:n])
		b = b[n:]
	}
	switch {
	case len(m.Processors) > MaxProcessors:
		return &Error{"APIC", "lists more than " + strconv.Itoa(MaxProcessors) + " processors"}
	case len(m.Enabled()) == 0:
		return &Error{"APIC", "lists no processor that is enabled"}
	case len(m.IOAPICs) == 0:
		return &Error{"APIC", "lists no IOAPIC"}
	}
	return nil
}

// madtEntry reads one entry whose length has been checked.
func (m *Machine) madtEntry(kind uint8, b []byte) {
	switch kind {
	case entryLocalAPIC:
		if b[3] != x2Only { // 255 marks an empty socket
			m.processor(Processor{uint32(b[3]), uint32(b[2]), le.U32(b, 4)&apicEnabled != 0})
		}
	case entryLocalX2APIC:
		if id := le.U32(b, 4); id != ^uint32(0) {
			m.processor(Processor{id, le.U32(b, 12), le.U32(b, 8)&apicEnabled != 0})
		}
	case entryIOAPIC:
		m.IOAPICs = append(m.IOAPICs, IOAPIC{b[2], uint64(le.U32(b, 4)), le.U32(b, 8)})
	case entryOverride:
		m.Overrides = append(m.Overrides, Override{b[3], le.U32(b, 4), le.U16(b, 8)})
	case entryNMISource:
		m.NMISources = append(m.NMISources, NMISource{le.U32(b, 4), le.U16(b, 2)})
	case entryLocalNMI:
		uid := uint32(b[2])
		if b[2] == 0xff {
			uid = ^uint32(0)
		}
		m.LocalNMIs = append(m.LocalNMIs, LocalNMI{uid, le.U16(b, 3), b[5]})
	case entryX2NMI:
		m.LocalNMIs = append(m.LocalNMIs, LocalNMI{le.U32(b, 4), le.U16(b, 2), b[8]})
	case entryLocalAddr:
		m.LocalAPIC = le.U64(b, 4)
	}
}

// processor notes p once: some firmware lists a processor in both forms.
func (m *Machine) processor(p Processor) {
	i := slices.IndexFunc(m.Processors, func(q Processor) bool { return q.ID == p.ID })
	if i < 0 {
		m.Processors = append(m.Processors, p)
	} else if p.Enabled {
		m.Processors[i] = p
	}
}
