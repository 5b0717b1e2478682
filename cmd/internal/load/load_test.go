package load

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"

	"perdure/boot/le"
	"perdure/partition/abi"
)

const memory = 64 << 20

var (
	linuxNote = buildNote("Linux", 0x100, word(0))
	pvhNote   = buildNote("Xen", noteEntry32, word(0x100010))
)

func linuxELF() []byte {
	return buildELF(true, 16<<20, nil, loadPart(16<<20, "\xf4kernel"+strings.Repeat("x", 5000)), notePart(pvhNote, linuxNote))
}

// image is a guest's memory after a plan.
func image(t *testing.T, p *Plan) []byte {
	t.Helper()
	b := make([]byte, memory)
	var seen []span
	for _, s := range p.Pieces {
		require.LessOrEqual(t, s.At+uint64(len(s.Data)), uint64(memory))
		for _, o := range seen {
			require.False(t, o.overlaps(span{s.At, s.At + uint64(len(s.Data))}), "pieces overlap at %#x", s.At)
		}
		seen = append(seen, span{s.At, s.At + uint64(len(s.Data))})
		copy(b[s.At:], s.Data)
	}
	return b
}

func cstring(b []byte, at uint64) string {
	s, _, _ := strings.Cut(string(b[at:at+2000]), "\x00")
	return s
}

func pack(t *testing.T, how string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	switch how {
	case "gzip":
		w := gzip.NewWriter(&out)
		w.Write(b)
		w.Close()
	case "LZ4":
		w := lz4.NewWriter(&out)
		require.NoError(t, w.Apply(lz4.LegacyOption(true)))
		w.Write(b)
		w.Close()
	case "zstd":
		w, err := zstd.NewWriter(&out)
		require.NoError(t, err)
		w.Write(b)
		w.Close()
	}
	return out.Bytes()
}

func TestBzImageIsUnpacked(t *testing.T) {
	elf := linuxELF()
	for _, how := range []string{"gzip", "LZ4", "zstd"} {
		p, err := Make(Request{Kernel: buildBzImage(pack(t, how, elf), uint32(len(elf)), how != "gzip"), Memory: memory, Cmdline: "quiet"})
		require.NoError(t, err, how)
		require.Equal(t, "bzImage, unpacked", p.Kind, how+p.Note)
		m := image(t, p)
		require.EqualValues(t, 16<<20, p.Entry.RIP)
		require.Equal(t, "\xf4kernel", string(m[16<<20:][:7]))
		require.Equal(t, abi.EntryLong, p.Entry.Mode)
		zero := p.Entry.RSI
		require.EqualValues(t, abi.TablesAt, le.U64(m, int(zero)+0x70))
		require.Equal(t, "quiet", cstring(m, uint64(le.U32(m, int(zero)+0x228))))
	}
}

// xzELF is an ELF magic and a text, packed as the kernel's build does it: with
// the filter for x86 code.
const xzELF = "/Td6WFoAAAFpIt42AgEEACEBDADWfBiv4AEbABJdAD+RRYRsYJy3IM66lOwQO3gAAAAAAM3APbgAASqcAgAAABfwnds+MA2LAgAAAAABWVo="

func TestXZ(t *testing.T) {
	packed, err := base64.StdEncoding.DecodeString(xzELF)
	require.NoError(t, err)
	q := Request{Kernel: buildBzImage(packed, 284, true)}
	inner, err := q.inner()
	require.NoError(t, err)
	require.Equal(t, "\x7fELF"+strings.Repeat("perdure", 40), string(inner))
}

// A bzImage that cannot be unpacked here boots as it is, and says why.
func TestBzImageAsItIs(t *testing.T) {
	elf := linuxELF()
	lying := buildBzImage(pack(t, "LZ4", elf), uint32(len(elf))-1, true)
	outside := buildBzImage(pack(t, "LZ4", elf), uint32(len(elf)), true)
	le.Put32(outside, hdrPayloadLength, 1<<30)
	high := buildELF(true, 200<<20, nil, loadPart(200<<20, "x"), notePart(linuxNote))
	for name, c := range map[string]struct {
		kernel []byte
		note   string
	}{
		"unknown packing":   {buildBzImage([]byte("what is this, then?"), 10, true), "packed in a way that is not known"},
		"damaged":           {buildBzImage(append([]byte("\x1f\x8b\x08"), make([]byte, 50)...), 100, true), "cannot be unpacked as gzip"},
		"more than it says": {lying, "more in it than it says"},
		"no ELF":            {buildBzImage(pack(t, "gzip", []byte("text")), 4, false), "no ELF file"},
		"outside":           {outside, "outside the file"},
		"does not fit":      {buildBzImage(pack(t, "gzip", high), 0, false), "does not fit unpacked"},
	} {
		p, err := Make(Request{Kernel: c.kernel, Memory: memory})
		require.NoError(t, err, name)
		require.Equal(t, "bzImage", p.Kind, name)
		require.Contains(t, p.Note, c.note, name)
		require.EqualValues(t, 16<<20+0x200, p.Entry.RIP, name)
		image(t, p)
	}
}

func TestPackedFile(t *testing.T) {
	p, err := Make(Request{Kernel: pack(t, "gzip", linuxELF()), Memory: memory})
	require.NoError(t, err)
	require.Equal(t, "ELF", p.Kind)
}

func TestDetect(t *testing.T) {
	mb := buildELF(false, 0x100000, buildMultiboot(0), loadPart(0x100000, "x"))
	for name, c := range map[string]struct {
		kernel []byte
		want   Protocol
	}{
		"Linux with a PVH note":          {linuxELF(), Linux},
		"Linux by its banner":            {buildELF(true, 16<<20, nil, loadPart(16<<20, "Linux version 6.1"), notePart(pvhNote)), Linux},
		"64-bit ELF without notes":       {buildELF(true, 16<<20, nil, loadPart(16<<20, "x")), Linux},
		"PVH, 64-bit":                    {buildELF(true, 0x100000, nil, loadPart(0x100000, "x"), notePart(pvhNote)), PVH},
		"PVH, 32-bit":                    {buildELF(false, 0x100000, nil, loadPart(0x100000, "x"), notePart(pvhNote)), PVH},
		"multiboot":                      {mb, Multiboot},
		"bzImage":                        {buildBzImage([]byte("payload"), 1, true), Linux},
		"32-bit ELF without any of both": {buildELF(false, 0x100000, nil, loadPart(0x100000, "x")), Auto},
		"text":                           {[]byte("#!/bin/sh\n"), Auto},
		"nothing":                        {nil, Auto},
	} {
		require.Equal(t, c.want, detect(c.kernel), name)
	}
}

func TestRefused(t *testing.T) {
	mb2 := append(word(mb2Magic), make([]byte, 12)...)
	le.Put32(mb2, 12, 1<<32-mb2Magic)
	cut := buildELF(true, 16<<20, nil, part{kind: 1, at: 16 << 20, data: []byte("x"), overstated: 1000})
	arm := linuxELF()
	le.Put16(arm, 18, 183)
	big := strings.Repeat("x", 70000)
	for name, c := range map[string]struct {
		q    Request
		want string
	}{
		"empty":            {Request{}, "the file is empty"},
		"EFI":              {Request{Kernel: []byte("MZ and more")}, "a program for UEFI"},
		"text":             {Request{Kernel: []byte("hello")}, "no kernel that Perdure knows"},
		"multiboot2":       {Request{Kernel: buildELF(false, 0x100000, mb2, loadPart(0x100000, "x"))}, "multiboot2"},
		"multiboot2 asked": {Request{Kernel: mb2, Protocol: Multiboot}, "multiboot2"},
		"plain 32-bit":     {Request{Kernel: buildELF(false, 0x100000, nil, loadPart(0x100000, "x"))}, "without a multiboot or PVH header"},
		"ARM":              {Request{Kernel: arm}, "is for EM_AARCH64"},
		"cut short":        {Request{Kernel: cut}, "cut short"},
		"gzip, damaged":    {Request{Kernel: []byte("\x1f\x8bxx")}, "compressed with gzip and cannot be unpacked"},
		"Linux, modules":   {Request{Kernel: linuxELF(), Modules: []Module{{}}}, "takes no modules"},
		"Linux, no room":   {Request{Kernel: linuxELF(), Memory: 8 << 20}, "no such memory"},
		"Linux, initrd":    {Request{Kernel: linuxELF(), Initrd: make([]byte, 60<<20)}, "initrd"},
		"no PVH note":      {Request{Kernel: buildELF(true, 1<<20, nil, loadPart(1<<20, "x")), Protocol: PVH}, "has no note"},
		"PVH entry":        {Request{Kernel: buildELF(true, 1<<20, nil, loadPart(2<<20, "x"), notePart(pvhNote))}, "entry outside"},
		"PVH, text":        {Request{Kernel: []byte("text"), Protocol: PVH}, "cannot be read"},
		"nothing to load":  {Request{Kernel: buildELF(false, 1<<20, nil, notePart(pvhNote))}, "nothing to load"},
		"overlap":          {Request{Kernel: buildELF(false, 1<<20, nil, loadPart(1<<20, "x"), loadPart(1<<20, "y"), notePart(pvhNote))}, "overlap at 0x100000"},
		"in the hole":      {Request{Kernel: buildELF(false, 0xa0000, buildMultiboot(0), loadPart(0xa0000, "x"))}, "none there"},
		"beyond memory":    {Request{Kernel: buildELF(false, 1<<30, buildMultiboot(0), loadPart(1<<30, "x"))}, "none there"},
		"video":            {Request{Kernel: buildELF(false, 1<<20, buildMultiboot(mbVideo), loadPart(1<<20, "x"))}, "video mode"},
		"unknown flag":     {Request{Kernel: buildELF(false, 1<<20, buildMultiboot(1<<9), loadPart(1<<20, "x"))}, "flags 0x200"},
		"no header":        {Request{Kernel: linuxELF(), Protocol: Multiboot}, "no multiboot header"},
		"initrd":           {Request{Kernel: buildELF(false, 1<<20, buildMultiboot(0), loadPart(1<<20, "x")), Initrd: []byte("x")}, "takes no initrd"},
		"module too big":   {Request{Kernel: buildELF(false, 1<<20, buildMultiboot(0), loadPart(1<<20, "x")), Modules: []Module{{Data: make([]byte, memory)}}}, "a module, 65536 KiB, does not fit"},
		"line too long":    {Request{Kernel: buildELF(false, 1<<20, buildMultiboot(0), loadPart(1<<20, "x")), Cmdline: big}, "too long"},
		"entry":            {Request{Kernel: buildELF(false, 5<<20, buildMultiboot(0), loadPart(1<<20, "x"))}, "entry outside"},
		"begins too early": {Request{Kernel: buildMultiboot(mbAddress, 1<<20, 1<<19, 0, 0, 1<<20)}, "begins after itself"},
		"loads too much":   {Request{Kernel: buildMultiboot(mbAddress, 1<<20, 1<<20, 2<<20, 0, 1<<20)}, "more than the file has"},
		"bss before data":  {Request{Kernel: buildMultiboot(mbAddress, 1<<20, 1<<20, 0, 1<<20, 1<<20)}, "ends before"},
		"entry by header":  {Request{Kernel: buildMultiboot(mbAddress, 1<<20, 1<<20, 0, 0, 2<<20)}, "entry outside"},
	} {
		if c.q.Memory == 0 {
			c.q.Memory = memory
		}
		_, err := Make(c.q)
		require.ErrorContains(t, err, c.want, name)
	}
}
