package boot

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"unsafe"
)

// TestHeadKnowsThePage compares the offsets in head.S with the compiler's.
func TestHeadKnowsThePage(t *testing.T) {
	src, err := os.ReadFile("head.S")
	if err != nil {
		t.Fatal(err)
	}
	var p Page
	want := map[string]uintptr{
		"SIZE": unsafe.Offsetof(p.Size), "MAGIC": unsafe.Offsetof(p.Magic), "VERSION": unsafe.Offsetof(p.Version),
		"HOME": unsafe.Offsetof(p.Home), "HOMESIZE": unsafe.Offsetof(p.HomeSize), "FREE": unsafe.Offsetof(p.Free),
		"TABLES": unsafe.Offsetof(p.Tables), "IMAGE": unsafe.Offsetof(p.Image), "IMAGESIZE": unsafe.Offsetof(p.ImageSize),
		"ENTRY": unsafe.Offsetof(p.Entry), "DIRECT": unsafe.Offsetof(p.Direct), "ELF": unsafe.Offsetof(p.ELF),
		"ELFSIZE": unsafe.Offsetof(p.ELFSize), "FILE": unsafe.Offsetof(p.File), "FILESIZE": unsafe.Offsetof(p.FileSize),
		"TRAMP": unsafe.Offsetof(p.Trampoline), "TRAMPSIZE": unsafe.Offsetof(p.TrampolineSize), "BEGAN": unsafe.Offsetof(p.Began),
		"LMAGIC": unsafe.Offsetof(p.LoaderMagic), "LINFO": unsafe.Offsetof(p.LoaderInfo),
		"START": unsafe.Offsetof(p.Start),
	}
	got := map[string]uintptr{}
	for _, m := range regexp.MustCompile(`(?m)^\.equ P_(\w+), (\w+)`).FindAllStringSubmatch(string(src), -1) {
		n, err := strconv.ParseUint(m[2], 0, 32)
		if err != nil {
			t.Fatal(err)
		}
		got[m[1]] = uintptr(n)
	}
	for name, off := range want {
		if got[name] != off {
			t.Errorf("head.S has P_%s at %#x, Go has it at %#x", name, got[name], off)
		}
	}
	if len(got) != len(want) {
		t.Errorf("head.S has %d offsets, want %d", len(got), len(want))
	}
}
