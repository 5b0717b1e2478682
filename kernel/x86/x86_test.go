package x86

import (
	"testing"
	"unsafe"
)

func TestPick(t *testing.T) {
	for _, tt := range []struct {
		name       string
		f          Feature
		a, b, c, d uint32
		want       bool
	}{
		{"VMX is bit 5 of ECX", FeatureVMX, 0, 0, 1 << 5, 0, true},
		{"not of EDX", FeatureVMX, 0, 0, 0, 1 << 5, false},
		{"INVPCID is bit 10 of EBX", FeatureINVPCID, 0, 1 << 10, 0, 0, true},
		{"XSAVES is bit 3 of EAX", FeatureXSAVES, 1 << 3, 0, 0, 0, true},
		{"long mode is bit 29 of EDX", FeatureLongMode, 0, 0, 0, 1 << 29, true},
	} {
		if got := pick(tt.f, tt.a, tt.b, tt.c, tt.d); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

// TestHarmless calls what a program may call on any 64-bit machine.
func TestHarmless(t *testing.T) {
	if !Has(FeatureSSE2) || !Has(FeatureLongMode) {
		t.Error("a 64-bit processor without SSE2 or long mode")
	}
	if n := PhysicalBits(); n < 32 || n > 52 {
		t.Errorf("physical addresses of %d bits", n)
	}
	if a, b := RDTSC(), RDTSC(); b < a {
		t.Errorf("TSC went from %d to %d", a, b)
	}
	if RFLAGS()&RFLAGSOne == 0 {
		t.Error("bit 1 of RFLAGS is 0")
	}
	if Fixup(0x1234) != 0 {
		t.Error("a way out for an instruction that has none")
	}
	if Has(FeatureXSAVE) && XGETBV(0)&XCR0X87 == 0 {
		t.Error("XCR0 without x87")
	}
}

func TestTableRegister(t *testing.T) {
	r := MakeTableRegister(0xffff800012345678, 0x1000)
	if r.Base() != 0xffff800012345678 || r.Limit() != 0xfff {
		t.Errorf("base %#x limit %#x", r.Base(), r.Limit())
	}
}

func TestCopies(t *testing.T) {
	var a, b [3 * 4096]byte
	for i := range a {
		a[i] = byte(i*7 + i>>8)
	}
	p, q := uintptr(unsafe.Pointer(&a)), uintptr(unsafe.Pointer(&b))
	if CopyPages(q, p, 3); a != b {
		t.Error("CopyPages: copy differs")
	}
	if ZeroPages(q+4096, 1); b[4095] != a[4095] || b[8192] != a[8192] || b[4096] != 0 || b[8191] != 0 {
		t.Error("ZeroPages: not exactly the middle page")
	}
	if CopyBytes(q+1, p+4096, 5); [5]byte(b[1:6]) != [5]byte(a[4096:4101]) || b[6] != a[6] {
		t.Error("CopyBytes: not exactly five bytes")
	}
}

func TestFPU(t *testing.T) {
	var room [512 + 16]byte
	a := (*FXArea)(unsafe.Pointer((uintptr(unsafe.Pointer(&room)) + 15) &^ 15))
	FXSAVE(a)
	if mxcsr := uint32(a[24]) | uint32(a[25])<<8; mxcsr&0x1f80 != 0x1f80 {
		t.Errorf("MXCSR %#x: Go runs with all exceptions masked", mxcsr)
	}
	FXRSTOR(a)
}
