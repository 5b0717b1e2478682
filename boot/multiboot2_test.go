package boot

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"perdure/boot/le"
	"perdure/mm/addr"
)

// mbi builds an information structure of tags.
type mbi []byte

func newMBI() mbi { return make(mbi, 8) }

func (b mbi) tag(kind uint32, content ...byte) mbi {
	head := make([]byte, 8)
	le.Put32(head, 0, kind)
	le.Put32(head, 4, uint32(8+len(content)))
	b = append(append(b, head...), content...)
	for len(b)%8 != 0 {
		b = append(b, 0xcc)
	}
	return b
}

func (b mbi) end() []byte {
	b = b.tag(tagEnd)
	le.Put32(b, 0, uint32(len(b)))
	return b
}

func (b mbi) str(kind uint32, s string) mbi { return b.tag(kind, append([]byte(s), 0)...) }

func (b mbi) module(start, end uint32, text string) mbi {
	c := make([]byte, 8)
	le.Put32(c, 0, start)
	le.Put32(c, 4, end)
	return b.tag(tagModule, append(append(c, text...), 0)...)
}

func (b mbi) mmap(regions ...Region) mbi {
	c := make([]byte, 8+24*len(regions))
	le.Put32(c, 0, 24)
	for i, r := range regions {
		le.Put64(c, 8+24*i, uint64(r.Start))
		le.Put64(c, 16+24*i, r.Size)
		le.Put32(c, 24+24*i, uint32(r.Kind))
	}
	return b.tag(tagMmap, c...)
}

// efi adds an EFI map: start, pages, type, attributes.
func (b mbi) efi(descriptors ...[4]uint64) mbi {
	const size = 48
	c := make([]byte, 8+size*len(descriptors))
	le.Put32(c, 0, size)
	for i, d := range descriptors {
		at := 8 + size*i
		le.Put32(c, at, uint32(d[2]))
		le.Put64(c, at+8, d[0])
		le.Put64(c, at+24, d[1])
		le.Put64(c, at+32, d[3])
	}
	return b.tag(tagEFIMmap, c...)
}

var small = []Region{{0, 0x9fc00, RAM}, {0x9fc00, 0x400, Reserved}, {mib, 1023 * mib, RAM}, {gib, 64 * kib, 12}}

func TestParse(t *testing.T) {
	b := newMBI().str(tagCmdline, "root_mem=512M nonsense").str(tagLoader, "GRUB 2.06").
		module(0x1000000, 0x1800000, "kernel console=ttyS0 quiet").module(0x2000000, 0x2300001, "initrd").
		mmap(small...).tag(tagRSDP1, []byte("RSD PTR one")...).tag(tagRSDP2, []byte("RSD PTR two")...).tag(tagRSDP1, []byte("RSD PTR three")...).
		tag(8, make([]byte, 24)...).end()
	got, err := Parse(append(b, 1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	clear(b) // the loader's memory may go
	kernel := Module{0x1000000, 0x800000, "kernel console=ttyS0 quiet", "console=ttyS0 quiet"}
	initrd := Module{0x2000000, 0x300001, "initrd", ""}
	if got.CommandLine != "root_mem=512M nonsense" || got.Loader != "GRUB 2.06" || got.EFI || string(got.RSDP) != "RSD PTR two" {
		t.Errorf("got %+v", got)
	}
	if got.Kernel != kernel || got.Initrd != initrd || !slices.Equal(got.Modules, []Module{kernel, initrd}) {
		t.Errorf("modules: got %+v", got)
	}
	if want := (Map{{0, 0x9fc00, RAM}, {0x9fc00, 0x400, Reserved}, {mib, 1023 * mib, RAM}, {gib, 64 * kib, Reserved}}); !slices.Equal(got.Map, want) {
		t.Errorf("map: got %v, want %v", got.Map, want)
	}
	if got.RootMemory() != 512*mib || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "'nonsense' is unknown") {
		t.Errorf("got %+v", got)
	}
}

func TestParseEFI(t *testing.T) {
	const wb = efiWB
	b := newMBI().tag(tagEFI64, make([]byte, 8)...).efi([4]uint64{0, 0xa0, 7, wb}, [4]uint64{mib, 0x100, 3, wb}, [4]uint64{2 * mib, 0x10000, 7, wb},
		[4]uint64{0x20000000, 16, 9, wb}, [4]uint64{0x20010000, 16, 10, wb}, [4]uint64{0x20020000, 16, 6, wb}, [4]uint64{0x20030000, 16, 8, wb},
		[4]uint64{0x20040000, 16, 7, 1}, [4]uint64{0xfec00000, 1, 11, 1}, [4]uint64{gib, 16, 14, wb}).end()
	got, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	want := Map{{0, 0xa0000, RAM}, {mib, 0x10100000, RAM}, {0x20000000, 64 * kib, ACPI}, {0x20010000, 64 * kib, NVS}, {0x20020000, 64 * kib, Reserved},
		{0x20030000, 64 * kib, Bad}, {0x20040000, 64 * kib, Reserved}, {gib, 64 * kib, PMem}, {0xfec00000, 4096, Reserved}}
	if !got.EFI || !slices.Equal(got.Map, want) {
		t.Errorf("got %v, want %v", got.Map, want)
	}
}

func TestModules(t *testing.T) {
	for _, c := range []struct {
		name           string
		lines          []string
		kernel, initrd string // their whole lines
		args           string
		warnings       int
	}{
		{"none", nil, "", "", "", 0},
		{"by order", []string{"quiet", ""}, "quiet", "", "quiet", 0},
		{"by word", []string{"initrd x", "kernel a b"}, "kernel a b", "initrd x", "a b", 0},
		{"path and word", []string{"/vmlinuz kernel  a", "/root.cpio initrd"}, "/vmlinuz kernel  a", "/root.cpio initrd", "a", 0},
		{"only the kernel's word", []string{"", "kernel k"}, "kernel k", "", "k", 0},
		{"two kernels", []string{"kernel a", "kernel b"}, "kernel a", "", "a", 1},
		{"too many", []string{"a", "b", "c"}, "a", "b", "a", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newMBI().mmap(small...)
			for i, l := range c.lines {
				b = b.module(uint32(mib*(i+1)), uint32(mib*(i+1)+4096), l)
			}
			got, err := Parse(b.end())
			if err != nil {
				t.Fatal(err)
			}
			if got.Kernel.Text != c.kernel || got.Initrd.Text != c.initrd || got.Kernel.Args != c.args || len(got.Warnings) != c.warnings {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	short := newMBI().mmap(small...).end()
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"nothing", nil, "shorter than 16 bytes"},
		{"size 0", make([]byte, 64), "0 bytes long"},
		{"cut short", short[:len(short)-8], "bytes long"},
		{"no end", func() []byte { b := newMBI().mmap(small...); le.Put32(b, 0, uint32(len(b))); return b }(), "no end tag"},
		{"tag too long", func() []byte { b := newMBI().mmap(small...).end(); le.Put32(b, 12, 4096); return b }(), "impossible size 4096"},
		{"tag too short", func() []byte { b := newMBI().mmap(small...).end(); le.Put32(b, 12, 4); return b }(), "impossible size 4"},
		{"map entries", func() []byte { b := newMBI().mmap(small...).end(); le.Put32(b, 16, 8); return b }(), "memory map with impossible entries"},
		{"EFI descriptors", newMBI().tag(tagEFIMmap, make([]byte, 56)...).end(), "EFI memory map with impossible descriptors"},
		{"EFI region", newMBI().efi([4]uint64{0, 1 << 60, 7, 8}).end(), "region of impossible size"},
		{"no memory", newMBI().end(), "no RAM"},
		{"empty module", newMBI().mmap(small...).module(mib, mib, "kernel").end(), "module 'kernel' is empty: check the file"},
		{"module cut short", newMBI().mmap(small...).tag(tagModule, 1, 2).end(), "module tag that is cut short"},
		{"too much for root", newMBI().mmap(small...).str(tagCmdline, "root_mem=1G").end(), "root_mem=1G: the machine has 1023M of RAM and the hypervisor needs 40M of it: ask for at most 982M"},
		{"tiny", newMBI().mmap(Region{0, 16 * mib, RAM}).end(), "the machine has 16M of RAM: give it at least 104M"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.b)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestHeadTakesTheHome compares the size of the home with head.S.
func TestHeadTakesTheHome(t *testing.T) {
	src, err := os.ReadFile("head.S")
	if err != nil || !strings.Contains(string(src), ".equ HOME_SIZE, "+strconv.Itoa(HomeSize>>20)+" << 20\n") {
		t.Errorf("head.S takes another home than %d MiB (%v)", HomeSize>>20, err)
	}
}

func TestRootMemory(t *testing.T) {
	for _, c := range []struct{ ram, want uint64 }{{64 * mib, 32 * mib}, {256 * mib, 128 * mib}, {512 * mib, 384 * mib}, {gib, 512 * mib}, {8 * gib, 4 * gib}} {
		i := Info{Map: Map{{0, c.ram, RAM}}}
		if got := i.RootMemory(); got != c.want {
			t.Errorf("%d MiB of RAM: root gets %d MiB, want %d", c.ram/mib, got/mib, c.want/mib)
		}
	}
}

func FuzzMultiboot2(f *testing.F) {
	f.Add(newMBI().end())
	f.Add(newMBI().mmap(small...).str(tagCmdline, "cpus=2").module(mib, 2*mib, "kernel").module(3*mib, 4*mib, "initrd").end())
	f.Add(newMBI().tag(tagEFI64, make([]byte, 8)...).efi([4]uint64{0, 0xa0, 7, 8}, [4]uint64{mib, 0x100, 3, 8}).tag(tagRSDP2, make([]byte, 36)...).end())
	f.Fuzz(func(t *testing.T, b []byte) {
		i, err := Parse(b)
		if err != nil {
			return
		}
		var last addr.HPA
		for n, r := range i.Map {
			if r.Size == 0 || r.Kind == 0 || n > 0 && r.Start < last || r.End() < r.Start {
				t.Fatalf("map %v is not in order", i.Map)
			}
			last = r.End()
		}
		i.RootCommandLine()
		if i.RootMemory() > i.Map.RAM(^addr.HPA(0)) {
			t.Errorf("root gets more than there is")
		}
	})
}
