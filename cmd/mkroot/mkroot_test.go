package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/internal/modlist"
)

// module makes a file that says about itself what a kernel module does.
func module(t *testing.T, dir, name string, fields ...string) {
	t.Helper()
	info := strings.Join(fields, "\x00") + "\x00"
	names := "\x00.modinfo\x00.shstrtab\x00"
	var b bytes.Buffer
	const headers = 64
	h := elf.Header64{Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: headers, Shentsize: 64, Shnum: 3, Shstrndx: 2}
	copy(h.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	h.Shoff = uint64(headers + len(info) + len(names))
	binary.Write(&b, binary.LittleEndian, h)
	b.WriteString(info + names)
	for _, s := range []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: headers, Size: uint64(len(info))},
		{Name: 10, Type: uint32(elf.SHT_STRTAB), Off: uint64(headers + len(info)), Size: uint64(len(names))},
	} {
		binary.Write(&b, binary.LittleEndian, s)
	}
	path := filepath.Join(dir, "kernel", "drivers", name)
	os.MkdirAll(filepath.Dir(path), 0o755)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestChoose(t *testing.T) {
	dir := t.TempDir()
	module(t, dir, "virtio-ring.ko", "depends=virtio", "license=GPL")
	module(t, dir, "virtio.ko", "depends=")
	module(t, dir, "net.ko", "depends=virtio_ring,virtio", "alias=virtio:d1v*", "alias=virtio:d1v*", "alias=two words")
	module(t, dir, "sd.ko", "depends=")
	tree, err := readTree(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := tree.choose([]string{"net", "sd net built-in", "built-in"})
	want := []modlist.Module{
		{Path: "virtio.ko"},
		{Path: "virtio_ring.ko", Needs: []string{"virtio.ko"}},
		{Path: "net.ko", Needs: []string{"virtio_ring.ko", "virtio.ko"}, Aliases: []string{"virtio:d1v*"}},
		{Path: "sd.ko", Aliases: []string{"virtio:d1v*"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	module(t, dir, "alone.ko", "depends=gone")
	tree, _ = readTree(dir)
	if _, err := tree.choose([]string{"alone"}); err == nil {
		t.Error("a module without what it needs was taken")
	}
	os.WriteFile(tree.files["sd.ko"], []byte("no ELF"), 0o644)
	if _, err := tree.choose([]string{"sd"}); err == nil {
		t.Error("a file that is no module was taken")
	}
	if _, err := readTree(t.TempDir()); err == nil {
		t.Error("an empty folder was taken")
	}
}

func TestArchive(t *testing.T) {
	make := func(file string) []byte {
		a := newArchive()
		a.addFile("a/b/c", []byte("text"), 0o755)
		a.addFile("a/b/d", nil, 0o644)
		a.addFile("a/b/c", []byte("again"), 0o644) // the first one counts
		a.addLink("link", "a/b/c")
		if err := a.write(file); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	dir := t.TempDir()
	one, two := make(dir+"/one"), make(dir+"/two")
	if !bytes.Equal(one, two) || len(one)%4 != 0 {
		t.Errorf("%d and %d bytes: not the same, or the next part is not aligned", len(one), len(two))
	}
	z, _ := zstd.NewReader(bytes.NewReader(bytes.TrimRight(one, "\x00")))
	plain, _ := io.ReadAll(z) // what follows the frame is padding
	records, err := cpio.ReadAllRecords(cpio.Newc.Reader(bytes.NewReader(plain)))
	var names []string
	for _, r := range records {
		names = append(names, r.Name)
	}
	if want := []string{"a", "a/b", "a/b/c", "a/b/d", "link"}; err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("%q %v, want %q", names, err, want)
	}
}

func TestJoin(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(dir+"/a", []byte("12345"), 0o644)
	os.WriteFile(dir+"/b", []byte("6"), 0o644)
	if err := join(dir+"/out", false, []string{dir + "/a", dir + "/b"}); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(dir + "/out"); string(b) != "12345\x00\x00\x006\x00\x00\x00" {
		t.Errorf("%q", b)
	}
	a := newArchive()
	for i := range 8 { // of all lengths, some with zeros at their end
		a.addFile(string(rune('a'+i)), make([]byte, 3+i), 0o644)
		want, _ := a.plain()
		if err := errors.Join(a.write(dir+"/c"), join(dir+"/out", true, []string{dir + "/c"})); err != nil {
			t.Fatal(err)
		}
		out, _ := os.ReadFile(dir + "/out")
		b, _ := io.ReadAll(lz4.NewReader(bytes.NewReader(out))) // a kernel takes the empty block for the end
		if !bytes.Equal(b, padded(want)) || !bytes.HasSuffix(out, make([]byte, 4)) {
			t.Errorf("%d files are %d bytes unpacked, want %d", i+1, len(b), len(want))
		}
	}
	if join(dir+"/out", true, []string{dir + "/a"}) == nil {
		t.Error("what is not packed was unpacked")
	}
	if join(dir+"/out", false, []string{dir + "/gone"}) == nil || join(dir+"/out", false, nil) == nil {
		t.Error("nothing was joined, and that is no error")
	}
}

// TestPack packs files into a folder, two of one name never.
func TestPack(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(dir+"/x", 0o755)
	for _, f := range []string{"/a", "/b", "/x/a"} {
		os.WriteFile(dir+f, []byte("text of "+f), 0o644)
	}
	if err := pack(dir+"/out", map[string]string{"boot/k": dir + "/x/a"}, "images", []string{dir + "/b", dir + "/a"}); err != nil {
		t.Fatal(err)
	}
	out, _ := os.ReadFile(dir + "/out")
	for _, want := range []string{"boot/k\x00", "text of /x/a", "images/a\x00", "text of /a", "images/b\x00", "text of /b"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("%q is not in the archive", want)
		}
	}
	if err := pack(dir+"/out", nil, "images", []string{dir + "/a", dir + "/x/a"}); err == nil {
		t.Error("two files of one name were packed")
	}
}

func TestLists(t *testing.T) {
	list, err := commands()
	if err != nil || len(list) < 30 {
		t.Errorf("%d commands, %v", len(list), err)
	}
	for _, c := range list {
		if !strings.HasPrefix(c, commandPrefix) {
			t.Errorf("%s is no command", c)
		}
	}
	if got := lines("# a\n\nb # c\n d*\n"); !reflect.DeepEqual(got, []string{"b", "d*"}) {
		t.Errorf("%q", got)
	}
	if len(lines(wantedModules)) == 0 {
		t.Error("modules.txt names no modules")
	}
}
