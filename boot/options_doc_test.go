package boot

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestOptionsDocument compares docs/options.md with the table; run the test with
// PERDURE_UPDATE=1 to write it.
func TestOptionsDocument(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Options of the hypervisor

They stand on the hypervisor's line of the boot menu (multiboot2 command line), separated by blanks. A value with blanks is quoted. An option that is
unknown or malformed is named in a warning and ignored; one that this machine cannot satisfy stops the boot with a line that says what to do. Sizes take K, M,
G or T; numbers may be hexadecimal. This page is made from the table in ` + "`boot/options.go`" + ` by its test.

| option | value | bounds | default | what it does |
|---|---|---|---|---|
`)
	for _, o := range table {
		def := "`" + o.Default + "`"
		if o.Default == "" {
			def = "empty"
		}
		b.WriteString("| `" + o.Name + "=` | " + o.Form + " | " + o.bounds() + " | " + def + " | " + o.Help + " |\n")
	}
	b.WriteString(`
Root's kernel gets the words of its module's line first, then those of ` + "`root_cmdline=`" + `:

` + "```" + `
multiboot2 /boot/perdure.img root_mem=1G loglevel=info
module2    /boot/vmlinuz kernel console=ttyS0 quiet
module2    /boot/root.cpio initrd
` + "```" + `

The first module is root's kernel and the second its initramfs, unless a module's line begins with the word ` + "`kernel` or `initrd`" + `. GRUB takes quotes away
from an argument without blanks, so an unquoted ` + "`root_cmdline=`" + ` takes the rest of the line: put it last.
`)
	const file = "../docs/options.md"
	if os.Getenv("PERDURE_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != b.String() {
		t.Errorf("docs/options.md is not what the table says (%v); run PERDURE_UPDATE=1 go test ./boot", err)
	}
}

// bounds writes an option's bounds for its documentation.
func (o *Option) bounds() string {
	switch {
	case o.max == 0:
		return ""
	case o.Name == "root_cmdline":
		return "≤ " + strconv.FormatUint(o.max, 10) + " bytes"
	case o.Name == "console":
		return strconv.FormatUint(o.min, 10) + " to " + strconv.FormatUint(o.max, 10) + " baud"
	case o.Name == "slice":
		return strconv.FormatUint(o.min, 10) + " to " + strconv.FormatUint(o.max, 10) + " µs or ticks"
	case o.min >= 1<<20:
		return formatSize(o.min) + " to " + formatSize(o.max)
	}
	return strconv.FormatUint(o.min, 10) + " to " + strconv.FormatUint(o.max, 10)
}
