package acpi

import (
	"slices"
	"strings"
	"testing"

	"perdure/boot/le"
)

// checkRoot parses what Rewrite wrote, with the firmware's memory below it, and
// returns what root sees.
func checkRoot(t *testing.T, m *Machine, mem []byte, base uint64) *Machine {
	t.Helper()
	read := func(at uint64, n int) []byte {
		if at >= base && at-base <= uint64(len(mem)) && uint64(n) <= uint64(len(mem))-(at-base) {
			return mem[at-base:][:n]
		}
		return m.read(at, n)
	}
	root, err := Parse(mem[:rsdpLen2], read)
	if err != nil {
		t.Fatalf("root cannot read its tables: %v", err)
	}
	for _, x := range root.Tables {
		if x.Addr >= base && x.Addr < base+uint64(len(mem)) {
			if _, err := load(read, x, headerLen); err != nil {
				t.Error(err)
			}
		}
	}
	return root
}

func TestRewrite(t *testing.T) {
	f := newFirmware()
	m, err := Parse(f.machine(2, hpetTable(), table("DMAR", make([]byte, 12)...), table("SRAT"), table("SSDT")), f.read)
	if err != nil {
		t.Fatal(err)
	}
	const base = 0x7f000
	dst := make([]byte, 4096)
	rsdp, n, err := m.Rewrite(dst, base, Root{APICIDs: []uint32{0, 1, 300}, Hide: []string{"HPET"}})
	if err != nil || rsdp != base {
		t.Fatal(rsdp, err)
	}
	root := checkRoot(t, m, dst[:n], base)
	var names []string
	for _, x := range root.Tables {
		names = append(names, x.Signature)
		if orig, _ := m.Table(x.Signature); x.Signature != "APIC" && x != orig {
			t.Errorf("%s is at %#x, not where the firmware has it", x.Signature, x.Addr)
		}
	}
	if want := []string{"FACP", "APIC", "SSDT"}; !slices.Equal(names, want) {
		t.Errorf("root sees %q, want %q", names, want)
	}
	if want := []Processor{{0, 0x80, true}, {1, 0x81, true}, {300, 0x50000002, true}}; !slices.Equal(root.Processors, want) {
		t.Errorf("processors %v, want %v", root.Processors, want)
	}
	if !slices.Equal(root.IOAPICs, m.IOAPICs) || !slices.Equal(root.Overrides, m.Overrides) || !slices.Equal(root.NMISources, m.NMISources) {
		t.Errorf("lines differ: %+v", root)
	}
	if root.PCAT || !slices.Equal(root.LocalNMIs, []LocalNMI{{^uint32(0), 5, 1}}) || root.FADT != m.FADT {
		t.Errorf("got %+v", root)
	}
	if root.LocalAPIC != 0xfee00000 {
		t.Errorf("local APIC at %#x", root.LocalAPIC)
	}
}

func TestRewriteOldWithoutMSI(t *testing.T) {
	f := newFirmware()
	m, err := Parse(f.machine(0), f.read)
	if err != nil {
		t.Fatal(err)
	}
	before := string(f.mem)
	dst := make([]byte, 4096)
	_, n, err := m.Rewrite(dst, 0x2000, Root{APICIDs: []uint32{0}, IOAPICs: []IOAPIC{{1, 0xfec00000, 0}}, PCAT: true, NoMSI: true})
	if err != nil {
		t.Fatal(err)
	}
	root := checkRoot(t, m, dst[:n], 0x2000)
	want := m.FADT
	want.BootFlags |= bootNoMSI
	if root.FADT != want || !root.PCAT || len(root.IOAPICs) != 1 || root.Revision != 2 {
		t.Errorf("got %+v", root)
	}
	if string(f.mem) != before {
		t.Error("the firmware's tables were changed")
	}
}

func TestRewriteRefuses(t *testing.T) {
	f := newFirmware()
	m, err := Parse(f.machine(2), f.read)
	if err != nil {
		t.Fatal(err)
	}
	one := Root{APICIDs: []uint32{0}}
	for _, c := range []struct {
		name string
		n    int
		base uint64
		r    Root
		want string
	}{
		{"crooked", 4096, 0x1001, one, "multiple of 64"},
		{"no processor", 4096, 0x1000, Root{}, "needs a processor"},
		{"no room", 64, 0x1000, one, "and has 64"},
	} {
		_, _, err := m.Rewrite(make([]byte, c.n), c.base, c.r)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	var ids []uint32
	for i := range uint32(200) {
		ids = append(ids, i)
	}
	dst := make([]byte, 8192)
	_, n, err := m.Rewrite(dst, 0x1000, Root{APICIDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	root := checkRoot(t, m, dst[:n], 0x1000)
	seen := map[uint32]bool{}
	for _, p := range root.Processors {
		seen[p.UID] = true
	}
	if len(seen) != 200 || le.U32(dst, 20) != rsdpLen2 {
		t.Errorf("%d different processors of 200", len(seen))
	}
}

func TestRewriteDescribesDevices(t *testing.T) {
	f := newFirmware()
	m, err := Parse(f.machine(2), f.read)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, 8192)
	devices := []Virtio{{0x1_0000_1000, 0x200, 24}, {0x1_0000_2000, 0x200, 25}, {3, 4, 5}}
	_, n, err := m.Rewrite(dst, 0x1000, Root{APICIDs: []uint32{0}, Virtio: devices})
	if err != nil {
		t.Fatal(err)
	}
	root := checkRoot(t, m, dst[:n], 0x1000)
	x, ok := root.Table("SSDT")
	if !ok {
		t.Fatal("no SSDT")
	}
	code := dst[x.Addr-0x1000:][headerLen:x.Len]
	if names := strings.Count(string(code), "LNRO0005\x00"); names != len(devices) {
		t.Errorf("%d devices", names)
	}
	if long := int(code[1]&15) | int(code[2])<<4; code[0] != amlScope || code[1]>>6 != 1 || long != len(code)-1 {
		t.Errorf("the scope says that it is %d bytes long and is %d", long, len(code)-1)
	}
	for i, d := range devices {
		at := strings.Index(string(code), "PRD"+string(rune('0'+i)))
		crs := code[at:][strings.Index(string(code[at:]), "_CRS")+4:]
		if crs[0] != amlBuffer || int(crs[1]) != 3+int(crs[3]) || crs[3] != 57 {
			t.Fatalf("buffer %x", crs[:4])
		}
		crs = crs[4:]
		if le.U64(crs, 14) != d.Addr || le.U64(crs, 22) != d.Addr+d.Size-1 || le.U64(crs, 38) != d.Size || le.U32(crs, 51) != d.GSI || crs[55] != 0x79 {
			t.Errorf("resources %x", crs[:57])
		}
	}
}
