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
