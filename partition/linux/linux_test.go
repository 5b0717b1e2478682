package linux

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"perdure/boot"
	"perdure/boot/le"
	"perdure/mm/addr"
)

// check carries p out and looks for everything where it must be.
func check(t *testing.T, p *Plan, q Request) []byte {
	t.Helper()
	initrd := bytes.Clone(q.Initrd)
	kernel := bytes.Clone(q.Kernel)
	mem, err := carry(p, q)
	if err != nil {
		t.Fatal(err)
	}
	img, err := parse(kernel)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range img.steps {
		want := make([]byte, s.N)
		if s.From == FromKernel {
			want = kernel[s.Off:][:s.N]
		}
		if !bytes.Equal(mem[p.Kernel.Start+s.To:][:s.N], want) {
			t.Errorf("kernel at %#x is not what the file has", p.Kernel.Start+s.To)
		}
	}
	if !bytes.Equal(mem[p.Initrd.Start:][:p.Initrd.Size], initrd) || p.Initrd.Size != uint64(len(initrd)) {
		t.Errorf("initramfs is damaged")
	}
	z := mem[p.Entry.RSI:]
	cmdline := z[areaCmdline:][:len(q.Cmdline)+1]
	if string(cmdline) != q.Cmdline+"\x00" || uint64(le.U32(z, hdrCmdline)) != uint64(p.Entry.RSI)+areaCmdline {
		t.Errorf("command line is %q", cmdline)
	}
	if string(z[hdrMagic:hdrMagic+4]) != "HdrS" || z[hdrLoaderType] != 0xff || le.U64(z, zpRSDP) != uint64(q.RSDP) ||
		uint64(le.U32(z, hdrRamdisk)) != uint64(p.Initrd.Start) || uint64(le.U32(z, hdrRamdiskSize)) != p.Initrd.Size || int(z[zpE820Count]) != len(q.Memory) {
		t.Errorf("zero page is wrong: % x", z[hdrStart:hdrEnd])
	}
	for i, r := range q.Memory {
		e := z[zpE820+20*i:]
		if (Range{addr.GPA(le.U64(e, 0)), le.U64(e, 8), boot.Kind(le.U32(e, 16))}) != r {
			t.Errorf("memory map entry %d is wrong", i)
		}
	}
	for _, a := range []uint64{0, uint64(p.Entry.RIP), uint64(p.Entry.RSI), 1<<32 - 1} {
		if got, ok := walk(mem, uint64(p.Entry.CR3), a); !ok || got != a {
			t.Errorf("first page tables map %#x to %#x", a, got)
		}
	}
	if le.U64(mem[p.Entry.GDT:], int(p.Entry.CS)) != flatCode || le.U64(mem[p.Entry.GDT:], int(p.Entry.DS)) != flatData || p.Entry.GDTLimit != 0x1f {
		t.Error("descriptor table is wrong")
	}
	return mem
}

// walk translates a through the page tables at cr3, 2 MiB pages only.
func walk(mem []byte, cr3, a uint64) (uint64, bool) {
	for _, shift := range [...]uint{39, 30, 21} {
		e := le.U64(mem, int(cr3+8*(a>>shift&511)))
		if e&1 == 0 {
			return 0, false
		}
		if e&(1<<7) != 0 {
			return e&^0x1fffff&(1<<52-1) | a&0x1fffff, true
		}
		cr3 = e & (1<<52 - 1) &^ 0xfff
	}
	return 0, false
}

func TestPlan(t *testing.T) {
	unmovable := func(b []byte) { b[hdrRelocatable] = 0 }
	for _, c := range []struct {
		name   string
		q      Request
		kernel addr.GPA
		entry  addr.GPA
		initrd addr.GPA
	}{
		{"bzImage", Request{Kernel: bzImage(3*mib, nil)}, 16 * mib, 16*mib + 0x200, 0},
		{"bzImage, file ends in its last unit", Request{Kernel: bzImage(3*mib-7, nil), Cmdline: "quiet"}, 16 * mib, 16*mib + 0x200, 0},
		{"bzImage that cannot move", Request{Kernel: bzImage(mib, unmovable), Initrd: pattern(5*mib+1, 'i'), RSDP: 127 * mib}, 16 * mib, 16*mib + 0x200, 122*mib - 4096},
		{"bzImage elsewhere", Request{Kernel: bzImage(mib, func(b []byte) { le.Put64(b, hdrPref, 1<<32) })}, 2 * mib, 2*mib + 0x200, 0},
		{"ELF", Request{Kernel: vmlinux(), Initrd: pattern(4096, 'i'), Cmdline: "console=ttyS0"}, 16 * mib, 16 * mib, 127*mib - 4096},
		{"ELF, virtual entry", Request{Kernel: elf(0xffffffff80200010, segment{virt: 0xffffffff80200000, phys: 2 * mib, file: 100, mem: 8192})}, 2 * mib, 2*mib + 16, 0},
		{"files where their contents go", Request{Kernel: bzImage(8*mib, nil), KernelAt: 12 * mib, Initrd: pattern(20*mib, 'i'), InitrdAt: 21 * mib}, 16 * mib, 16*mib + 0x200, 107 * mib},
		{"initramfs moved over itself", Request{Kernel: bzImage(8*mib, nil), KernelAt: 60 * mib, Initrd: pattern(30*mib, 'i'), InitrdAt: 90 * mib}, 16 * mib, 16*mib + 0x200, 97 * mib},
		{"initramfs below the kernel's file", Request{Kernel: bzImage(8*mib, nil), KernelAt: 110 * mib, Initrd: pattern(30*mib, 'i'), InitrdAt: 10 * mib}, 16 * mib, 16*mib + 0x200, 80 * mib},
		{"ELF moved up", Request{Kernel: vmlinux(), KernelAt: 15 * mib}, 16 * mib, 16 * mib, 0},
		{"ELF moved down", Request{Kernel: vmlinux(), KernelAt: 18 * mib}, 16 * mib, 16 * mib, 0},
		{"ELF in its own way", Request{Kernel: swapped(), KernelAt: 16 * mib, Initrd: pattern(9*mib, 'i'), InitrdAt: 2 * mib}, 16 * mib, 16 * mib, 118 * mib},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.Memory = memory
			p, err := MakePlan(c.q)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kernel.Start != c.kernel || p.Entry.RIP != c.entry || p.Initrd.Start != c.initrd {
				t.Errorf("kernel %#x entry %#x initrd %#x, want %#x %#x %#x", p.Kernel.Start, p.Entry.RIP, p.Initrd.Start, c.kernel, c.entry, c.initrd)
			}
			aside := slices.ContainsFunc(p.Steps, func(s Copy) bool { return s.From == FromGuest })
			if want := c.name == "ELF in its own way"; aside != want {
				t.Errorf("the file is moved aside: %v, want %v", aside, want)
			}
			check(t, p, c.q)
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	ok := bzImage(mib, nil)
	for _, c := range []struct {
		name string
		q    Request
		want string
	}{
		{"nothing", Request{}, "kernel: not a bzImage or 64-bit ELF: name a Linux kernel"},
		{"gzip", Request{Kernel: []byte{0x1f, 0x8b, 8, 0}}, "compressed with gzip"},
		{"old protocol", Request{Kernel: bzImage(mib, func(b []byte) { le.Put16(b, hdrVersion, 0x20a) })}, "protocol 2.10: 2.12 or newer"},
		{"32-bit bzImage", Request{Kernel: bzImage(mib, func(b []byte) { b[hdrXLoadFlags] = 0 })}, "without a 64-bit entry"},
		{"bzImage cut short", Request{Kernel: ok[:len(ok)-16]}, "cut short, it has 1050608 of 1050624 bytes"},
		{"bzImage empty", Request{Kernel: bzImage(mib, func(b []byte) { le.Put32(b, hdrSysSize, 0) })}, "says that it is 0 bytes"},
		{"bzImage alignment", Request{Kernel: bzImage(mib, func(b []byte) { le.Put32(b, hdrAlign, 3*mib) })}, "aligned to 3145728"},
		{"bzImage address", Request{Kernel: bzImage(mib, func(b []byte) { le.Put64(b, hdrPref, 1<<60) })}, "bytes at 0x1000000000000000"},
		{"bzImage too large", Request{Kernel: bzImage(mib, func(b []byte) { le.Put32(b, hdrInitSize, 127*mib) })}, "needs 127 MiB of memory at 0x1000000"},
		{"32-bit ELF", Request{Kernel: func() []byte { b := vmlinux(); b[4] = 1; return b }()}, "not 64-bit for amd64"},
		{"ELF head only", Request{Kernel: vmlinux()[:20]}, "ELF file is cut short"},
		{"ELF object", Request{Kernel: func() []byte { b := vmlinux(); b[16] = 1; return b }()}, "not a program"},
		{"ELF cut short", Request{Kernel: vmlinux()[:mib]}, "a segment ends after the file"},
		{"ELF headers", Request{Kernel: func() []byte { b := vmlinux(); le.Put64(b, 32, 1<<63); return b }()}, "impossible program headers"},
		{"ELF without segments", Request{Kernel: elf(0)}, "nothing to load"},
		{"ELF entry", Request{Kernel: elf(5, segment{phys: mib, virt: mib, file: 10, mem: 10})}, "entry outside"},
		{"ELF overlap", Request{Kernel: elf(mib, segment{phys: mib, file: 10, mem: 8192}, segment{phys: mib + 4096, mem: 10})}, "overlap at 0x101000"},
		{"ELF sizes", Request{Kernel: elf(mib, segment{phys: mib, file: 10, mem: 5})}, "impossible size"},
		{"ELF too low", Request{Kernel: elf(4096, segment{phys: 4096, file: 10, mem: 10})}, "linked at 0x1000: link it at 1 MiB"},
		{"ELF too high", Request{Kernel: elf(1<<30, segment{phys: 1 << 30, file: 10, mem: 10})}, "no such memory"},
		{"initramfs too large", Request{Kernel: ok, Initrd: make([]byte, 90*mib)}, "initrd: 90 MiB do not fit"},
		{"initramfs too high", Request{Kernel: bzImage(mib, func(b []byte) { le.Put32(b, hdrInitrdMax, 0xffff) }), Initrd: make([]byte, mib)}, "initrd: 1 MiB do not fit"},
		{"command line", Request{Kernel: ok, Cmdline: strings.Repeat("x", 2048)}, "takes at most 2047"},
		{"memory map", Request{Kernel: ok, Memory: make([]Range, 129)}, "129 regions"},
		{"no memory", Request{Kernel: ok, Memory: []Range{{0, mib, boot.Reserved}}}, "no such memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.q.Memory == nil {
				c.q.Memory = memory
			}
			_, err := MakePlan(c.q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestRootMemory(t *testing.T) {
	const gib = 1 << 30
	machine := boot.Map{{Start: 0, Size: 0x9fc00, Kind: boot.RAM}, {Start: 0x9fc00, Size: 0x400, Kind: boot.Reserved}, {Start: mib, Size: gib - mib, Kind: boot.RAM},
		{Start: gib, Size: mib, Kind: boot.ACPI}, {Start: gib + mib, Size: mib, Kind: boot.NVS}, {Start: 4 * gib, Size: gib, Kind: boot.RAM}}
	got := RootMemory(machine, 512*mib, boot.Region{Start: 0x8000, Size: 0x1000, Kind: boot.Reserved}, boot.Region{Start: gib - 32*mib, Size: 32 * mib, Kind: boot.Reserved},
		boot.Region{Start: 0x9e000, Size: 0x1000, Kind: boot.ACPI}, boot.Region{Start: 256 * mib, Size: 2 * mib, Kind: boot.Reserved})
	want := []Range{{0, 0x8000, boot.RAM}, {0x8000, 0x1000, boot.Reserved}, {0x9000, 0x95000, boot.RAM}, {0x9e000, 0x1000, boot.ACPI}, {0x9f000, 0xc00, boot.RAM},
		{0x9fc00, 0x400, boot.Reserved}, {mib, 255 * mib, boot.RAM}, {256 * mib, 2 * mib, boot.Reserved}, {258 * mib, 254 * mib, boot.RAM},
		{512 * mib, 512 * mib, boot.Reserved}, {gib, mib, boot.ACPI}, {gib + mib, mib, boot.NVS}, {4 * gib, gib, boot.Reserved}}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestDebianKernels plans the boot of each Debian kernel that the test setup
// has downloaded; without any there is nothing to do.
func TestDebianKernels(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	var files []string
	filepath.WalkDir(filepath.Join(cache, "perdure"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), "vmlinu") {
			files = append(files, path)
		}
		return nil
	})
	if extra := os.Getenv("PERDURE_KERNEL"); extra != "" {
		files = append(files, extra)
	}
	if len(files) == 0 {
		t.Skip("no kernel in the cache")
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			q := Request{Kernel: b, KernelAt: 66 * mib, Initrd: pattern(7*mib, 'i'), InitrdAt: 20 * mib, Memory: memory, Cmdline: "console=ttyS0 quiet", RSDP: 127 * mib}
			p, err := MakePlan(q)
			if err != nil {
				t.Fatal(err)
			}
			if p.Kernel.Start != 16*mib {
				t.Errorf("kernel at %#x", p.Kernel.Start)
			}
			t.Logf("%s, entry %#x, %d KiB, %d steps", p.Kind, p.Entry.RIP, p.Kernel.Size>>10, len(p.Steps))
			check(t, p, q)
		})
	}
}
