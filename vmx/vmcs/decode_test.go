package vmcs

import "testing"

func TestDecodeCR(t *testing.T) {
	for _, tt := range []struct {
		name string
		q    uint64
		want CRAccess
	}{
		{"mov %rax, %cr0", 0x000, CRAccess{CR: 0, Kind: CRWrite, Reg: 0}},
		{"mov %rdi, %cr4", 0x704, CRAccess{CR: 4, Kind: CRWrite, Reg: 7}},
		{"mov %cr8, %r15", 0xf18, CRAccess{CR: 8, Kind: CRRead, Reg: 15}},
		{"mov %cr3, %rsp", 0x413, CRAccess{CR: 3, Kind: CRRead, Reg: RSP}},
		{"clts", 0x020, CRAccess{Kind: CRCLTS}},
		{"lmsw %ax of 0x13", 0x130030, CRAccess{Kind: CRLMSW, Source: 0x13}},
		{"lmsw of memory", 0x10070, CRAccess{Kind: CRLMSW, Memory: true, Source: 1}},
	} {
		if got := DecodeCR(tt.q); got != tt.want {
			t.Errorf("%s: %#x decodes to %+v, want %+v", tt.name, tt.q, got, tt.want)
		}
	}
}

func TestIO(t *testing.T) {
	type io struct {
		port          uint16
		size          uint8
		in, many, rep bool
	}
	for _, tt := range []struct {
		name string
		q    IO
		want io
	}{
		{"out %al, $0x80", 0x00800040, io{port: 0x80, size: 1}},
		{"out %al, (%dx) to 0x3f8", 0x03f80000, io{port: 0x3f8, size: 1}},
		{"in (%dx), %eax of 0xcfc", 0x0cfc000b, io{port: 0xcfc, size: 4, in: true}},
		{"in (%dx), %ax of 0x1f0", 0x01f00009, io{port: 0x1f0, size: 2, in: true}},
		{"rep insw of 0x1f0", 0x01f00039, io{port: 0x1f0, size: 2, in: true, many: true, rep: true}},
		{"outsb to 0xffff", 0xffff0010, io{port: 0xffff, size: 1, many: true}},
	} {
		if got := (io{tt.q.Port(), tt.q.Size(), tt.q.In(), tt.q.Many(), tt.q.Rep()}); got != tt.want {
			t.Errorf("%s: %#x is %+v, want %+v", tt.name, tt.q, got, tt.want)
		}
	}
}

func TestDecodeStringIO(t *testing.T) {
	for _, tt := range []struct {
		info uint32
		want StringIO
	}{
		{0x00000, StringIO{16, ES}},
		{0x18080, StringIO{32, DS}},
		{0x20100, StringIO{64, FS}},
		{0x28100, StringIO{64, GS}},
	} {
		if got := DecodeStringIO(tt.info); got != tt.want {
			t.Errorf("%#x decodes to %+v, want %+v", tt.info, got, tt.want)
		}
	}
}

func TestDecodeEPT(t *testing.T) {
	for _, tt := range []struct {
		name string
		q    uint64
		want EPTViolation
	}{
		{"read of nothing", 0x181, EPTViolation{Read: true, LinearValid: true, Final: true}},
		{"write to read-only", 0x18a, EPTViolation{Write: true, Allowed: 1, LinearValid: true, Final: true}},
		{"fetch", 0x184, EPTViolation{Fetch: true, LinearValid: true, Final: true}},
		{"the guest's page walk", 0x081, EPTViolation{Read: true, LinearValid: true}},
		{"under an IRET", 0x1181, EPTViolation{Read: true, LinearValid: true, Final: true, UnblockNMI: true}},
	} {
		if got := DecodeEPT(tt.q); got != tt.want {
			t.Errorf("%s: %#x decodes to %+v, want %+v", tt.name, tt.q, got, tt.want)
		}
	}
}

func TestDecodeRest(t *testing.T) {
	if got, want := DecodeTaskSwitch(0xc0000028), (TaskSwitch{0x28, TaskGate}); got != want {
		t.Errorf("task gate: %+v, want %+v", got, want)
	}
	if got, want := DecodeTaskSwitch(0x40000030), (TaskSwitch{0x30, TaskIRET}); got != want {
		t.Errorf("task IRET: %+v, want %+v", got, want)
	}
	if got, want := DecodeDR(0x317), (DRAccess{DR: 7, From: true, Reg: 3}); got != want {
		t.Errorf("mov %%dr7, %%rbx: %+v, want %+v", got, want)
	}
	if got, want := DecodeDR(0xf00), (DRAccess{DR: 0, Reg: 15}); got != want {
		t.Errorf("mov %%r15, %%dr0: %+v, want %+v", got, want)
	}
}

func TestInterruption(t *testing.T) {
	for _, tt := range []struct {
		name string
		got  Interruption
		want uint32
	}{
		{"#GP has an error code", Exception(13), 0x80000b0d},
		{"#UD has none", Exception(6), 0x80000306},
		{"#CP has one", Exception(21), 0x80000b15},
		{"external interrupt", Event(KindExternal, 0x50), 0x80000050},
		{"NMI", Event(KindNMI, 2), 0x80000202},
		{"again, without the bit of the report", Interruption(0x8000130d).Again(), 0x8000030d},
	} {
		if uint32(tt.got) != tt.want {
			t.Errorf("%s: %#x, want %#x", tt.name, uint32(tt.got), tt.want)
		}
	}
	i := Interruption(0x80000b0e)
	if !i.Valid() || i.Vector() != 14 || i.Kind() != KindException || !i.HasError() || i.Software() {
		t.Errorf("page fault decodes to %v %d %d %v %v", i.Valid(), i.Vector(), i.Kind(), i.HasError(), i.Software())
	}
}

func TestNames(t *testing.T) {
	if s := ReasonCPUID.String(); s != "CPUID" {
		t.Errorf("reason 10 is %q", s)
	}
	if s := Reason(0xffff).String(); s != "unknown exit reason" {
		t.Errorf("reason 0xffff is %q", s)
	}
	if s := Error(7).String(); s != "VM entry with invalid control fields" {
		t.Errorf("error 7 is %q", s)
	}
	if s := Error(999).String(); s != "unknown VM-instruction error" {
		t.Errorf("error 999 is %q", s)
	}
}
