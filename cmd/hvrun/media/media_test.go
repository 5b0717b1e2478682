package media

import (
	"bytes"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	kernel := File{"/k", "kernel console=ttyS0 a=$b"}
	for _, c := range []struct {
		name   string
		disk   Disk
		device string
		want   string
	}{
		{"hypervisor", Disk{Image: File{"/i", "loglevel=debug"}, Modules: []File{kernel, {"/r", "initrd"}}}, "(hd0,msdos1)",
			"multiboot2 (hd0,msdos1)/perdure.img 'loglevel=debug'\n" +
				"module2 (hd0,msdos1)/module0 'kernel' 'console=ttyS0' 'a=$b'\n" +
				"module2 (hd0,msdos1)/module1 'initrd'\nboot\n"},
		{"Linux alone", Disk{Modules: []File{kernel, {"/r", ""}}}, "",
			"search --no-floppy --set=root --file /module0\n" +
				"linux ($root)/module0 'kernel' 'console=ttyS0' 'a=$b'\ninitrd ($root)/module1\nboot\n"},
	} {
		want := "serial --unit=0 --speed=115200\nterminal_output serial\n" + c.want
		if got := c.disk.config(c.device); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
	if got := quote(" it's\n b "); got != ` 'it'\''s' 'b'` {
		t.Errorf("quote: %s", got)
	}
}

func TestBootRecord(t *testing.T) {
	boot := bytes.Repeat([]byte{0xcc}, 512)
	got := bootRecord(boot, [][3]int64{{typeLinux, 1 << 20, 513}, {typeEFI, 2 << 20, 1024}})
	want := append(bytes.Repeat([]byte{0xcc}, 446),
		0x80, 0xfe, 0xff, 0xff, 0x83, 0xfe, 0xff, 0xff, 0, 8, 0, 0, 2, 0, 0, 0,
		0x00, 0xfe, 0xff, 0xff, 0xef, 0xfe, 0xff, 0xff, 0, 16, 0, 0, 2, 0, 0, 0)
	want = append(want, make([]byte, 32)...)
	want = append(want, 0x55, 0xaa)
	if !bytes.Equal(got, want) {
		t.Errorf("got % x", got[440:])
	}
	if strings.Contains(string(boot), "\x55\xaa") {
		t.Error("the caller's boot sector was changed")
	}
}
