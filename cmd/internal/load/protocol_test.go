package load

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/boot/le"
	"perdure/partition/abi"
)

func TestMultiboot(t *testing.T) {
	kernel := buildELF(false, 0x100000, buildMultiboot(mbAlign|mbMemory), loadPart(0x100000, "kernel"), loadPart(0x200000, "more"))
	p, err := Make(Request{Kernel: kernel, Memory: memory, Cmdline: "seed=7", Modules: []Module{{[]byte("one"), "/a x"}, {nil, "/b"}}})
	require.NoError(t, err)
	m := image(t, p)
	require.Equal(t, "multiboot", p.Kind)
	require.EqualValues(t, 0x100000, p.Entry.RIP)
	require.EqualValues(t, mbEAX, p.Entry.RAX)
	require.Equal(t, abi.EntryFlat, p.Entry.Mode)
	require.Equal(t, "kernel", string(m[0x100000:][:6]))
	require.Equal(t, "more", string(m[0x200000:][:4]))
	require.EqualValues(t, flatCode, le.U64(m, int(p.Entry.GDT)+int(p.Entry.CS)))
	info := m[p.Entry.RBX:]
	require.EqualValues(t, 640, le.U32(info, 4))
	require.EqualValues(t, memory>>10-1024, le.U32(info, 8))
	require.Equal(t, "seed=7", cstring(m, uint64(le.U32(info, 16))))
	require.EqualValues(t, 2, le.U32(info, 20))
	mods := m[le.U32(info, 24):]
	at, end := le.U32(mods, 0), le.U32(mods, 4)
	require.Equal(t, "one", string(m[at:end]))
	require.EqualValues(t, 0, at%4096)
	require.Equal(t, "/a x", cstring(m, uint64(le.U32(mods, 8))))
	require.Equal(t, le.U32(mods, mbModLen), le.U32(mods, mbModLen+4))
	require.EqualValues(t, 4*mbMapLen, le.U32(info, 44))
	table := m[le.U32(info, 48):]
	require.EqualValues(t, mbMapLen-4, le.U32(table, 0))
	require.EqualValues(t, 640<<10, le.U64(table, 12))
	require.EqualValues(t, boot.RAM, le.U32(table, 20))
	require.Equal(t, "Perdure", cstring(m, uint64(le.U32(info, 64))))
}

// A kernel that is no ELF file says itself where it goes.
func TestMultibootAddresses(t *testing.T) {
	kernel := append([]byte("junk"), buildMultiboot(mbAddress, 0x100008, 0x100008, 0x100030, 0x101000, 0x100020)...)
	kernel = append(kernel, make([]byte, 64)...)
	p, err := Make(Request{Kernel: kernel, Memory: memory})
	require.NoError(t, err)
	require.EqualValues(t, 0x100020, p.Entry.RIP)
	require.Equal(t, kernel[4:0x2c], image(t, p)[0x100008:0x100030])
}

func TestPVH(t *testing.T) {
	kernel := buildELF(true, 0xffffffff80100000, nil, part{kind: 1, at: 0x100000, virt: 0xffffffff80100000, data: []byte("kernel 16 bytes and more")}, notePart(buildNote("Xen", 6, []byte("x")), pvhNote))
	p, err := Make(Request{Kernel: kernel, Initrd: []byte("initrd"), Memory: 5 << 30, Cmdline: "a b", Modules: []Module{{[]byte("mod"), "its line"}}})
	require.NoError(t, err)
	require.Equal(t, "PVH", p.Kind)
	m := image(t, p)
	require.EqualValues(t, 0x100010, p.Entry.RIP)
	info := m[p.Entry.RBX:]
	require.EqualValues(t, startMagic, le.U32(info, 0))
	require.EqualValues(t, 1, le.U32(info, 4))
	require.EqualValues(t, 2, le.U32(info, 12))
	list := m[le.U64(info, 16):]
	require.Equal(t, "initrd", string(m[le.U64(list, 0):][:le.U64(list, 8)]))
	require.EqualValues(t, 0, le.U64(list, 16))
	require.Equal(t, "its line", cstring(m, le.U64(list, startModLen+16)))
	require.Equal(t, "a b", cstring(m, le.U64(info, 24)))
	require.EqualValues(t, abi.TablesAt, le.U64(info, 32))
	require.EqualValues(t, 5, le.U32(info, 48))
	table := m[le.U64(info, 40):]
	require.EqualValues(t, abi.LowTop-1<<20, le.U64(table, 3*startMapLen+8))
	require.EqualValues(t, uint64(abi.HighStart), le.U64(table, 4*startMapLen))
	require.EqualValues(t, 5<<30-abi.LowTop, le.U64(table, 4*startMapLen+8))
}

// A bzImage has a PVH entry inside.
func TestPVHInside(t *testing.T) {
	elf := buildELF(true, 16<<20, nil, loadPart(0x100000, "kernel 16 bytes and more"), notePart(pvhNote, linuxNote))
	p, err := Make(Request{Kernel: buildBzImage(pack(t, "gzip", elf), 0, false), Memory: memory, Protocol: PVH})
	require.NoError(t, err)
	require.EqualValues(t, 0x100010, p.Entry.RIP)
	_, err = Make(Request{Kernel: buildBzImage([]byte("what is this?"), 1, true), Memory: memory, Protocol: PVH})
	require.ErrorContains(t, err, "PVH begins inside the bzImage")
}

// The kernel may take low memory: then the information goes elsewhere.
func TestLowKernel(t *testing.T) {
	kernel := buildELF(false, 0x8000, buildMultiboot(0), part{kind: 1, at: 0x8000, virt: 0x8000, data: []byte("low"), more: 0x90000})
	p, err := Make(Request{Kernel: kernel, Memory: memory, Modules: []Module{{[]byte("m"), ""}}})
	require.NoError(t, err)
	require.EqualValues(t, 0x100000, p.Entry.GDT)
	image(t, p)
}

func TestMemoryMap(t *testing.T) {
	for _, n := range []uint64{1 << 20, 2 << 20, abi.LowTop, abi.LowTop + 1<<20, 64 << 30} {
		end, ram := uint64(0), uint64(0)
		for _, r := range memoryMap(n) {
			require.GreaterOrEqual(t, uint64(r.Start), end)
			end = uint64(r.End())
			if r.Kind == boot.RAM {
				ram += r.Size
			}
		}
		require.Equal(t, n-384<<10, ram)
	}
}

// fuzz makes a plan of any bytes; one that comes out has its pieces in memory.
func fuzz(t *testing.T, kernel []byte, protocol Protocol) {
	p, err := Make(Request{Kernel: kernel, Memory: memory, Protocol: protocol, Cmdline: "x"})
	if err != nil {
		return
	}
	for _, s := range p.Pieces {
		if s.At+uint64(len(s.Data)) > memory || s.At < abi.TablesAt+abi.TablesSize && s.At+uint64(len(s.Data)) > lowEnd {
			t.Fatalf("%d bytes go to %#x", len(s.Data), s.At)
		}
	}
	if p.Entry.RIP >= memory {
		t.Fatalf("begins at %#x", p.Entry.RIP)
	}
}

func FuzzELF(f *testing.F) {
	f.Add(linuxELF())
	f.Add(buildELF(false, 0x100000, nil, loadPart(0x100000, "x"), notePart(pvhNote)))
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzz(t, b, Auto)
		fuzz(t, b, PVH)
	})
}

func FuzzNotes(f *testing.F) {
	f.Add(append(pvhNote, linuxNote...))
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		for _, note := range parseNotes(b) {
			n += 12 + len(note.desc)
		}
		if n > len(b) {
			t.Fatal("there is more in the notes than there was")
		}
	})
}

func FuzzMultiboot(f *testing.F) {
	f.Add(buildELF(false, 0x100000, buildMultiboot(3), loadPart(0x100000, "kernel")))
	f.Add(append(buildMultiboot(mbAddress, 0x100000, 0x100000, 0, 0, 0x100000), 1, 2, 3))
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, b, Multiboot) })
}

func FuzzBzImage(f *testing.F) {
	f.Add(buildBzImage([]byte("\x1f\x8b and so on"), 10, true))
	f.Add(buildBzImage([]byte("\x02\x21\x4c\x18 and so on"), 10, true))
	f.Fuzz(func(t *testing.T, b []byte) { fuzz(t, b, Linux) })
}
