package acpi

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"perdure/boot/le"
)

func TestParse(t *testing.T) {
	f := newFirmware()
	m, err := Parse(f.machine(2, hpetTable(), mcfgTable(), table("DMAR", make([]byte, 12)...), table("SSDT")), f.read)
	if err != nil {
		t.Fatal(err)
	}
	m.read = nil
	var names []string
	for _, x := range m.Tables {
		names = append(names, x.Signature)
	}
	m.Tables = nil
	want := &Machine{
		Revision: 2, OEM: [6]byte{'B', 'O', 'X'}, LocalAPIC: 0x1fee00000, PCAT: true,
		Processors: []Processor{{0, 0, true}, {2, 1, true}, {4, 2, false}, {256, 7, true}},
		IOAPICs:    []IOAPIC{{9, 0xfec00000, 0}, {10, 0xfec01000, 24}},
		Overrides:  []Override{{0, 2, 0}, {9, 9, 13}},
		NMISources: []NMISource{{23, 5}},
		LocalNMIs:  []LocalNMI{{^uint32(0), 5, 1}, {7, 0, 1}},
		FADT: FADT{SCI: 9, SMICommand: 0xb2, EnableACPI: 0xf1, PMTimer: 0x608, PMTimer32: true, PM1aEvent: 0xb000, PM1aCtl: 0xb004,
			Reset: Register{SpaceIO, 8, 0xcf9}, ResetValue: 6, CanReset: true, DSDT: firmwareBase + 0x100, FACS: 0x1000, BootFlags: 1},
		HPET: 0xfed00000, Segments: []Segment{{0xe0000000, 0, 0, 255}}, DMAR: true,
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got  %+v\nwant %+v", m, want)
	}
	if want := []string{"FACP", "APIC", "HPET", "MCFG", "DMAR", "SSDT"}; !slices.Equal(names, want) {
		t.Errorf("tables %q, want %q", names, want)
	}
	if ids := m.Enabled(); !slices.Equal(ids, []uint32{0, 2, 256}) {
		t.Errorf("enabled: %v", ids)
	}
	gsi, flags := m.Line(9)
	other, none := m.Line(4)
	if zero, _ := m.Line(0); gsi != 9 || flags != 13 || other != 4 || none != 0 || zero != 2 {
		t.Error("lines are wrong")
	}
}

func TestParseOld(t *testing.T) {
	f := newFirmware()
	rsdp := f.machine(0)
	copy(f.mem[0x80:], rsdp)
	found := Find(f.read)
	if string(found[:rsdpLen1]) != string(rsdp) {
		t.Fatalf("found %q", found)
	}
	m, err := Parse(found, f.read)
	if err != nil {
		t.Fatal(err)
	}
	want := FADT{SCI: 9, SMICommand: 0xb2, EnableACPI: 0xf1, PMTimer: 0xb008, PMTimer32: true, PM1aEvent: 0xb000, PM1aCtl: 0xb004, DSDT: firmwareBase + 0x100, FACS: 0x1000}
	if m.FADT != want || m.Revision != 0 || len(m.Tables) != 2 {
		t.Errorf("got %+v", m)
	}
}

func TestFindNothing(t *testing.T) {
	if r := Find(newFirmware().read); r != nil {
		t.Errorf("found %q", r)
	}
}

// TestParseRefuses damages a good machine in one way each.
func TestParseRefuses(t *testing.T) {
	dsdt := func(f *firmware) uint64 { return f.put(table("DSDT")) }
	apic := func(f *firmware) uint64 { return f.put(table("APIC", madtBody()...)) }
	fadt := func(f *firmware) uint64 { return f.put(fadtTable(dsdt(f), false)) }
	with := func(f *firmware, body ...byte) []byte {
		return f.rsdp(2, fadt(f), f.put(table("APIC", append(make([]byte, 8), body...)...)))
	}
	for _, c := range []struct {
		name string
		rsdp func(f *firmware) []byte
		want string
	}{
		{"nothing", func(f *firmware) []byte { return nil }, "RSDP was not found"},
		{"checksum", func(f *firmware) []byte { r := f.machine(2); r[9]++; return r }, "RSDP has a wrong checksum"},
		{"extended checksum", func(f *firmware) []byte { r := f.machine(2); r[33]++; return r }, "RSDP has a wrong extended checksum"},
		{"list not in memory", func(f *firmware) []byte { r := f.machine(2); le.Put64(r, 24, 1); r[32] = 0; r[32] = -sum(r); return r }, "XSDT is not in memory"},
		{"list of another kind", func(f *firmware) []byte {
			r := make([]byte, rsdpLen2)
			rootPointer(r, [6]byte{}, apic(f))
			return r
		}, "XSDT has the signature 'APIC'"},
		{"list damaged", func(f *firmware) []byte { r := f.machine(2); f.mem[le.U64(r, 24)-firmwareBase+30]++; return r }, "XSDT has a wrong checksum"},
		{"no MADT", func(f *firmware) []byte { return f.rsdp(2, fadt(f)) }, "APIC is missing"},
		{"no FADT", func(f *firmware) []byte { return f.rsdp(2, apic(f)) }, "FACP is missing"},
		{"MADT damaged", func(f *firmware) []byte { a := apic(f); f.mem[a-firmwareBase+40]++; return f.rsdp(2, fadt(f), a) }, "APIC has a wrong checksum (it adds up to 1, not 0): update"},
		{"MADT short", func(f *firmware) []byte { return f.rsdp(2, fadt(f), f.put(table("APIC", 1, 2))) }, "APIC is only 38 bytes long"},
		{"MADT length", func(f *firmware) []byte {
			a := apic(f)
			le.Put32(f.mem, int(a-firmwareBase)+4, 1<<30)
			return f.rsdp(2, fadt(f), a)
		}, "APIC is missing"},
		{"MADT entry of length 0", func(f *firmware) []byte { return with(f, 0, 0) }, "kind 0 with impossible length 0"},
		{"MADT entry too long", func(f *firmware) []byte { return with(f, 1, 12, 0) }, "kind 1 with impossible length 12"},
		{"MADT entry too short", func(f *firmware) []byte { return with(f, 9, 4, 0, 0) }, "kind 9 that is only 4 bytes"},
		{"no processor", func(f *firmware) []byte { return with(f, 0, 8, 0, 0, 0, 0, 0, 0) }, "no processor that is enabled"},
		{"no IOAPIC", func(f *firmware) []byte { return with(f, 0, 8, 0, 0, 1, 0, 0, 0) }, "lists no IOAPIC"},
		{"no DSDT", func(f *firmware) []byte { return f.rsdp(2, apic(f), f.put(fadtTable(0, false))) }, "FACP has no DSDT"},
		{"DSDT not in memory", func(f *firmware) []byte { return f.rsdp(2, apic(f), f.put(fadtTable(64, false))) }, "DSDT is not in memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFirmware()
			_, err := Parse(c.rsdp(f), f.read)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestParseWarns(t *testing.T) {
	bad := hpetTable()
	bad[20]++
	mcfg := mcfgTable()
	mcfg[36+8+10] = 9
	mcfg[36+8+11] = 3
	for _, c := range []struct {
		name  string
		extra []byte
		want  string
	}{
		{"HPET", bad, "HPET has a wrong checksum"},
		{"MCFG", finish(mcfg), "MCFG has a segment that ends before it starts"},
		{"nameless", finish(append([]byte{0, 1, 2, 3}, make([]byte, 40)...)), "has no signature; it is left out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFirmware()
			m, err := Parse(f.machine(2, c.extra), f.read)
			if err != nil || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], c.want) {
				t.Errorf("got %v, %v; want %q", m, err, c.want)
			}
		})
	}
}

func FuzzACPI(f *testing.F) {
	for _, revision := range []uint8{0, 2} {
		fw := newFirmware()
		rsdp := fw.machine(revision, hpetTable(), mcfgTable())
		f.Add(rsdp, fw.mem[:fw.next-firmwareBase])
	}
	f.Fuzz(func(t *testing.T, rsdp, mem []byte) {
		fw := &firmware{mem: mem}
		Find(fw.read)
		// Let the fuzzer get past the sums: what is behind them is what matters.
		if len(rsdp) >= rsdpLen1 {
			rsdp[8] = 0
			rsdp[8] = -sum(rsdp[:rsdpLen1])
		}
		if len(rsdp) == rsdpLen2 {
			rsdp[32] = 0
			rsdp[32] = -sum(rsdp)
		}
		read := func(at uint64, n int) []byte {
			b := slices.Clone(fw.read(at, n))
			if len(b) >= headerLen {
				b[9] = 0
				b[9] = -sum(b)
			}
			return b
		}
		m, err := Parse(rsdp, read)
		if err != nil {
			return
		}
		dst := make([]byte, 1<<16)
		_, n, err := m.Rewrite(dst, 0x1000, Root{APICIDs: []uint32{0, 1}, NoMSI: true})
		if err == nil {
			checkRoot(t, m, dst[:n], 0x1000)
		}
	})
}
