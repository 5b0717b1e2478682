package probe

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"testing"
)

func TestBuild(t *testing.T) {
	file, err := Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Entry != 16<<20 || f.Machine != elf.EM_X86_64 {
		t.Errorf("entry %#x, machine %v", f.Entry, f.Machine)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && (p.Paddr < 16<<20 || p.Flags == elf.PF_R|elf.PF_W|elf.PF_X) {
			t.Errorf("segment at %#x, %v", p.Paddr, p.Flags)
		}
	}
}

func TestHandoff(t *testing.T) {
	dir := t.TempDir()
	kernel := filepath.Join(dir, "kernel")
	image := make([]byte, 64<<10)
	for i := range image {
		image[i] = byte(i * 7)
	}
	image[0x1f1] = 39
	copy(image[0x202:], "HdrS")
	if err := os.WriteFile(kernel, image, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := Handoff(dir, kernel)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const entry = 40 * 512
	stub, err := os.ReadFile(filepath.Join(dir, "handoff.bin"))
	if err != nil {
		t.Fatal(err)
	}
	copy(image[entry:], stub)
	copy(image[entry+0x200:], stub)
	if !bytes.Equal(got, image) || !bytes.HasPrefix(stub, []byte{0x0f, 0x31}) {
		t.Error("the copy differs in more than its two entries, or the time is not read first")
	}
	if err := os.WriteFile(kernel, []byte("no kernel"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Handoff(dir, kernel); err == nil {
		t.Error("nine bytes were taken for a kernel")
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		in, name, value, samples string
	}{
		{"RESULT exit.cpuid 234.00 1000\r\n", "exit.cpuid", "234.00", "1000"},
		{"RESULT end\r\n", "end", "", ""},
		{"RESULT lost-timer\r\n", "lost-timer", "", ""},
		{"RESULT exit.cpu", "", "", ""}, // not all of it has come
	} {
		m := line.FindStringSubmatch(c.in)
		if c.name == "" {
			if m != nil {
				t.Errorf("%q: %q", c.in, m)
			}
			continue
		}
		if m == nil || m[1] != c.name || m[2] != c.value || m[3] != c.samples {
			t.Errorf("%q: %q", c.in, m)
		}
	}
}
