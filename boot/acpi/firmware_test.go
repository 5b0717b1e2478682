package acpi

import "perdure/boot/le"

// firmware is a pretended physical memory with tables in it.
type firmware struct {
	mem  []byte
	next uint64
}

const firmwareBase = 0xe0000

func newFirmware() *firmware {
	return &firmware{mem: make([]byte, 0x20000), next: firmwareBase + 0x100}
}

func (f *firmware) read(at uint64, n int) []byte {
	if at < firmwareBase || n < 0 || at-firmwareBase > uint64(len(f.mem)) || uint64(n) > uint64(len(f.mem))-(at-firmwareBase) {
		return nil
	}
	return f.mem[at-firmwareBase:][:n]
}

// put lays down a finished table and returns its address.
func (f *firmware) put(table []byte) uint64 {
	at := f.next
	copy(f.mem[at-firmwareBase:], table)
	f.next = (at + uint64(len(table)) + 15) &^ 15
	return at
}

func table(signature string, body ...byte) []byte {
	return finish(append(newTable(signature, 1, [6]byte{'B', 'O', 'X'}), body...))
}

// rsdp lays down a list of tables and returns the root pointer to it.
func (f *firmware) rsdp(revision uint8, tables ...uint64) []byte {
	signature, width := "RSDT", 4
	if revision >= 2 {
		signature, width = "XSDT", 8
	}
	body := make([]byte, width*len(tables))
	for i, at := range tables {
		if width == 8 {
			le.Put64(body, 8*i, at)
		} else {
			le.Put32(body, 4*i, uint32(at))
		}
	}
	list := f.put(table(signature, body...))
	p := make([]byte, rsdpLen2)
	if revision >= 2 {
		rootPointer(p, [6]byte{'B', 'O', 'X'}, list)
		return p
	}
	copy(p, "RSD PTR ")
	copy(p[9:], "BOX")
	le.Put32(p, 16, uint32(list))
	p[8] = -sum(p[:rsdpLen1])
	return p[:rsdpLen1]
}

// madtBody is a MADT's content with everything in it.
func madtBody() []byte {
	b := make([]byte, 8)
	le.Put32(b, 0, 0xfee00000)
	le.Put32(b, 4, madtPCAT)
	return append(b,
		0, 8, 0, 0, 1, 0, 0, 0, // processor 0
		0, 8, 1, 2, 1, 0, 0, 0, // processor 2
		0, 8, 2, 4, 0, 0, 0, 0, // disabled
		0, 8, 3, 255, 0, 0, 0, 0, // empty socket
		9, 16, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, // processor 256
		9, 16, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, // processor 2 again
		1, 12, 9, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0, // IOAPIC 9
		1, 12, 10, 0, 0, 0x10, 0xc0, 0xfe, 24, 0, 0, 0, // IOAPIC 10
		2, 10, 0, 0, 2, 0, 0, 0, 0, 0, // 0 -> 2
		2, 10, 0, 9, 9, 0, 0, 0, 13, 0, // 9 level high
		3, 8, 5, 0, 23, 0, 0, 0,
		4, 6, 255, 5, 0, 1,
		10, 12, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0,
		0x7f, 4, 0, 0, // unknown
		5, 12, 0, 0, 0, 0, 0xe0, 0xfe, 1, 0, 0, 0) // local APIC at 0x1fee00000
}

// fadtTable is a FADT of ACPI 2.0 or, if old, of 1.0.
func fadtTable(dsdt uint64, old bool) []byte {
	n := 244
	if old {
		n = 116
	}
	b := append(newTable("FACP", 3, [6]byte{}), make([]byte, n-headerLen)...)
	le.Put32(b, fadtDSDT, uint32(dsdt))
	le.Put32(b, fadtFACS, 0x1000)
	le.Put16(b, fadtSCI, 9)
	le.Put32(b, fadtSMI, 0xb2)
	b[fadtEnable] = 0xf1
	le.Put32(b, fadtPM1aEvt, 0xb000)
	le.Put32(b, fadtPM1aCtl, 0xb004)
	le.Put32(b, fadtPMTmr, 0xb008)
	le.Put32(b, fadtFlags, flagReset|flagTimer32)
	if !old {
		b[fadtReset] = SpaceIO
		b[fadtReset+1] = 8
		le.Put64(b, fadtReset+4, 0xcf9)
		b[fadtResetVal] = 6
		le.Put64(b, fadtXDSDT, dsdt)
		b[fadtXPMTmr] = SpaceIO
		le.Put64(b, fadtXPMTmr+4, 0x608)
		le.Put16(b, fadtBoot, 1)
	}
	return finish(b)
}

// machine lays down a whole machine and returns its root pointer.
func (f *firmware) machine(revision uint8, extra ...[]byte) []byte {
	dsdt := f.put(table("DSDT", 0x10, 0x05))
	tables := []uint64{f.put(fadtTable(dsdt, revision < 2)), f.put(table("APIC", madtBody()...))}
	for _, t := range extra {
		tables = append(tables, f.put(t))
	}
	return f.rsdp(revision, tables...)
}

func hpetTable() []byte {
	b := make([]byte, 20)
	le.Put32(b, 0, 0x8086a201)
	le.Put64(b, 8, 0xfed00000)
	return table("HPET", b...)
}

func mcfgTable() []byte {
	b := make([]byte, 24)
	le.Put64(b, 8, 0xe0000000)
	b[19] = 255
	return table("MCFG", b...)
}
