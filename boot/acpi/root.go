package acpi

import (
	"slices"
	"strconv"

	"perdure/boot/le"
)

// Root says what the root partition shall see in place of the real machine.
type Root struct {
	APICIDs []uint32 // of its virtual processors
	IOAPICs []IOAPIC // nil: the same as the machine's
	PCAT    bool     // it has two 8259s
	NoMSI   bool     // it shall not use message-signalled interrupts
	Hide    []string // signatures to leave out besides those that never fit
	Virtio  []Virtio // devices that it has and the machine has not
}

// hidden are tables that would be wrong in root: the IOMMU is not its own, and
// its processors and memory are not those of the machine's topology.
var hidden = [...]string{"DMAR", "SRAT", "SLIT", "HMAT", "PPTT", "PMTT", "MPST"}

const (
	tableAlign = 64
	localAPIC  = 0xfee00000 // where a processor has its local APIC unless told otherwise
	// Processor objects of the namespace describe the real processors, whose sleep
	// and performance states are not root's; ids that no firmware gives keep the two apart.
	uidBase  = 0x80
	uid2Base = 0x50000000
)

// Rewrite writes a root pointer, an XSDT, a MADT and if need be a FADT and an
// SSDT for r to dst, which root sees at address base. All other tables stay where they are,
// so root must have the machine's ACPI memory at the same addresses. It returns
// the address of the root pointer and the number of bytes used.
func (m *Machine) Rewrite(dst []byte, base uint64, r Root) (rsdp uint64, used int, err error) {
	if base%tableAlign != 0 || base == 0 {
		return 0, 0, &Error{"RSDP", "for root needs an address that is a multiple of " + strconv.Itoa(tableAlign)}
	}
	if len(r.APICIDs) == 0 {
		return 0, 0, &Error{"APIC", "for root needs a processor"}
	}
	out := []byte{rsdpLen2 - 1: 0}
	place := func(t []byte) uint64 {
		for len(out)%tableAlign != 0 {
			out = append(out, 0)
		}
		at := base + uint64(len(out))
		out = append(out, t...)
		return at
	}
	xsdt := newTable("XSDT", 1, m.OEM)
	for _, t := range m.Tables {
		at := t.Addr
		switch {
		case slices.Contains(hidden[:], t.Signature) || slices.Contains(r.Hide, t.Signature):
			continue
		case t.Signature == "APIC":
			at = place(finish(m.rootMADT(r)))
		case t.Signature == "FACP" && r.NoMSI:
			b, err := load(m.read, t, fadtFlags+4)
			if err != nil {
				return 0, 0, err
			}
			b = slices.Clone(b)
			le.Put16(b, fadtBoot, le.U16(b, fadtBoot)|bootNoMSI)
			at = place(finish(b))
		}
		xsdt = append(xsdt, make([]byte, 8)...)
		le.Put64(xsdt, len(xsdt)-8, at)
	}
	if len(r.Virtio) > 0 {
		xsdt = append(xsdt, make([]byte, 8)...)
		le.Put64(xsdt, len(xsdt)-8, place(finish(append(newTable("SSDT", 2, m.OEM), describe(r.Virtio)...))))
	}
	rootPointer(out, m.OEM, place(finish(xsdt)))
	if len(out) > len(dst) {
		return 0, 0, &Error{"XSDT", "for root needs " + strconv.Itoa(len(out)) + " bytes and has " + strconv.Itoa(len(dst))}
	}
	return base, copy(dst, out), nil
}

// rootMADT returns the MADT that root sees, not finished.
func (m *Machine) rootMADT(r Root) []byte {
	b := append(newTable("APIC", 4, m.OEM), make([]byte, 8)...)
	le.Put32(b, 36, localAPIC)
	if r.PCAT {
		le.Put32(b, 40, madtPCAT)
	}
	add := func(kind uint8) []byte {
		n := len(b)
		b = append(b, make([]byte, entryLen[kind])...)
		b[n], b[n+1] = kind, uint8(entryLen[kind])
		return b[n:]
	}
	for i, id := range r.APICIDs {
		if id < x2Only && uidBase+i < 0xff {
			e := add(entryLocalAPIC)
			e[2], e[3] = uint8(uidBase+i), uint8(id)
			le.Put32(e, 4, apicEnabled)
		} else {
			e := add(entryLocalX2APIC)
			le.Put32(e, 4, id)
			le.Put32(e, 8, apicEnabled)
			le.Put32(e, 12, uid2Base+uint32(i))
		}
	}
	ioapics := r.IOAPICs
	if ioapics == nil {
		ioapics = m.IOAPICs
	}
	for _, io := range ioapics {
		e := add(entryIOAPIC)
		e[2] = io.ID
		le.Put32(e, 4, uint32(io.Addr))
		le.Put32(e, 8, io.GSIBase)
	}
	for _, o := range m.Overrides {
		e := add(entryOverride)
		e[3] = o.Source
		le.Put32(e, 4, o.GSI)
		le.Put16(e, 8, o.Flags)
	}
	for _, s := range m.NMISources {
		e := add(entryNMISource)
		le.Put16(e, 2, s.Flags)
		le.Put32(e, 4, s.GSI)
	}
	// Whatever processors the firmware's entry is for, ours are all wired alike.
	if len(m.LocalNMIs) > 0 {
		e := add(entryLocalNMI)
		e[2], e[5] = 0xff, m.LocalNMIs[0].Pin
		le.Put16(e, 3, m.LocalNMIs[0].Flags)
	}
	return b
}

// newTable returns a table header, length and checksum still open.
func newTable(signature string, revision uint8, oem [6]byte) []byte {
	b := make([]byte, headerLen)
	copy(b, signature)
	b[8] = revision
	copy(b[10:16], oem[:])
	copy(b[16:24], "PERDURE ")
	le.Put32(b, 24, 1)
	copy(b[28:32], "PRDR")
	le.Put32(b, 32, 1)
	return b
}

// finish puts in length and checksum.
func finish(b []byte) []byte {
	le.Put32(b, 4, uint32(len(b)))
	b[9] = 0
	b[9] = -sum(b)
	return b
}

// rootPointer writes a root pointer to the XSDT at address xsdt.
func rootPointer(b []byte, oem [6]byte, xsdt uint64) {
	b = b[:rsdpLen2]
	copy(b, "RSD PTR ")
	copy(b[9:15], oem[:])
	b[15] = 2
	le.Put32(b, 20, rsdpLen2)
	le.Put64(b, 24, xsdt)
	b[8] = -sum(b[:rsdpLen1])
	b[32] = -sum(b)
}
