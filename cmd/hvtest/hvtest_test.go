package main

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"

	"perdure/partition/abi"
)

func TestParseInterrupts(t *testing.T) {
	got := parseInterrupts(`           CPU0       CPU1
  1:          9          1   IO-APIC   1-edge      i8042
 10:          0        123   IO-APIC  10-fasteoi   eth0, uhci_hcd
 24:          5          0   PCI-MSI 65536-edge    nvme0q0
NMI:          1          2   Non-maskable interrupts
  x
`)
	want := map[int]irqLine{1: {"i8042", 10}, 10: {"eth0, uhci_hcd", 123}}
	if len(got) != len(want) || got[1] != want[1] || got[10] != want[10] {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSame(t *testing.T) {
	a := counts{linux: map[int]irqLine{4: {"ttyS0", 1}, 10: {"eth0", 5}}}
	b := counts{linux: map[int]irqLine{4: {"ttyS0", 2}, 10: {"eth0", 5}}}
	if !a.same(b) {
		t.Error("the console's line counts")
	}
	b.hv.Line[10].Out = 1
	if a.same(b) {
		t.Error("a line that the hypervisor has moved is the same")
	}
}

func TestReport(t *testing.T) {
	for want, act := range map[string]func(*report){
		"RESULT: PASS": func(r *report) { r.value("a.b", 3) },
		"RESULT: FAIL": func(r *report) { r.skip("why"); r.check(false, "x") },
		"RESULT: SKIP": func(r *report) { r.skip("why") },
	} {
		var out bytes.Buffer
		r := &report{out: &out}
		act(r)
		r.end()
		if !strings.HasSuffix(strings.TrimSpace(out.String()), want) {
			t.Errorf("%q, want %s", out.String(), want)
		}
	}
}

func TestVectorsSurviveHere(t *testing.T) {
	if w := holdOnce(holdSSE, 16, 3, 10); w != "" {
		t.Errorf("SSE: %s", w)
	}
	if cpu.X86.HasAVX {
		if w := holdOnce(holdAVX, 32, 5, 10); w != "" {
			t.Errorf("AVX: %s", w)
		}
	}
	clobber := func(in, out *vectors, c *controls, exits uint32) {
		holdSSE(in, out, c, exits)
		out[7][3]++
	}
	if w := holdOnce(clobber, 16, 3, 10); !strings.Contains(w, "register 7") {
		t.Errorf("a clobbered register was not seen: %q", w)
	}
}

func TestWorkIsFixed(t *testing.T) {
	if a, b := work(1000), work(1000); a != b || a == work(1001) {
		t.Error("the work depends on something")
	}
}

func TestPingMessage(t *testing.T) {
	p := pings{id: 0x1234, size: 5}
	m := p.message(8, 3)
	sum := uint32(0)
	for i := 0; i < len(m); i += 2 {
		word := uint32(m[i]) << 8
		if i+1 < len(m) {
			word |= uint32(m[i+1])
		}
		sum += word
	}
	if sum = sum&0xffff + sum>>16; sum != 0xffff {
		t.Errorf("the checksum gives %#x", sum)
	}
}

func TestTrap(t *testing.T) {
	trap, err := newTrap()
	if err != nil {
		t.Fatal(err)
	}
	if trap.readOnly == 0 || trap.page != trap.readOnly+pageSize || len(trap.wild()) == 0 {
		t.Errorf("%+v", trap)
	}
	if !knownAnswer(0) || !knownAnswer(abi.ErrFault.RAX()) || knownAnswer(1<<64-5) {
		t.Error("answers are not told apart")
	}
}

func TestBurn(t *testing.T) {
	r := &report{out: &bytes.Buffer{}}
	burn(r, 1, 2)
	if r.failed {
		t.Errorf("%s", r.out)
	}
}

func TestBootRecord(t *testing.T) {
	sector := make([]byte, 512)
	if hasBootRecord(sector) {
		t.Error("an empty sector is a boot record")
	}
	sector[510], sector[511] = 0x55, 0xaa
	if !hasBootRecord(sector) {
		t.Error("a boot record is none")
	}
}
