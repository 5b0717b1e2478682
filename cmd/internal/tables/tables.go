// Package tables writes the ACPI tables of a guest.
//
// The one idea: the tables say exactly what the hypervisor gives this guest and
// that nothing else is there, so that no kernel looks for it.
package tables

import (
	"perdure/boot/le"
	"perdure/partition/abi"
)

// Lengths of the root pointer in ACPI 1.0 and later, and of a table's header.
const (
	rsdpLen1  = 20
	rsdpLen   = 36
	headerLen = 36
	align     = 64
)

const oem = "PERDUR"

// Make returns the tables of a guest: what its memory holds at abi.TablesAt.
func Make(c *abi.Config) []byte {
	out := make([]byte, rsdpLen)
	place := func(t []byte) uint64 {
		for len(out)%align != 0 {
			out = append(out, 0)
		}
		at := abi.TablesAt + uint64(len(out))
		out = append(out, t...)
		return at
	}
	facs, dsdt := place(facs()), place(finish(dsdt(c)))
	xsdt := newTable("XSDT", 1)
	for _, at := range []uint64{place(finish(fadt(c, facs, dsdt))), place(finish(madt(c)))} {
		xsdt = append(xsdt, make([]byte, 8)...)
		le.Put64(xsdt, len(xsdt)-8, at)
	}
	rootPointer(out, place(finish(xsdt)))
	return out
}

// newTable returns a table's header, length and checksum still open. ACPI,
// "System Description Table Header".
func newTable(signature string, revision byte) []byte {
	b := make([]byte, headerLen)
	copy(b, signature)
	b[8] = revision
	copy(b[10:], oem)
	copy(b[16:], "PERDURE ")
	le.Put32(b, 24, 1)
	copy(b[28:], "PRDR")
	le.Put32(b, 32, 1)
	return b
}

// finish puts in length and checksum.
func finish(b []byte) []byte {
	le.Put32(b, 4, uint32(len(b)))
	b[9] = -sum(b)
	return b
}

func sum(b []byte) (s byte) {
	for _, c := range b {
		s += c
	}
	return s
}

// rootPointer writes a root pointer to the XSDT at address xsdt. ACPI, "Root
// System Description Pointer (RSDP) Structure".
func rootPointer(b []byte, xsdt uint64) {
	b = b[:rsdpLen]
	copy(b, "RSD PTR ")
	copy(b[9:], oem)
	b[15] = 2
	le.Put32(b, 20, rsdpLen)
	le.Put64(b, 24, xsdt)
	b[8] = -sum(b[:rsdpLen1])
	b[32] = -sum(b)
}

// facs returns the table without a header that firmware and system share. ACPI,
// "Firmware ACPI Control Structure (FACS)".
func facs() []byte {
	b := make([]byte, 64)
	copy(b, "FACS")
	le.Put32(b, 4, uint32(len(b)))
	b[32] = 2
	return b
}
