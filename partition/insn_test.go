package partition

import (
	"testing"

	"perdure/vmx/vmcs"
)

// fetched makes the record of an instruction from its bytes.
func fetched(mode uint64, b ...byte) *Fetched {
	f := &Fetched{N: 15, Mode: mode}
	for i, c := range b {
		if i < 8 {
			f.Lo |= uint64(c) << (8 * i)
		} else {
			f.Hi |= uint64(c) << (8 * (i - 8))
		}
	}
	return f
}

func TestAnalyse(t *testing.T) {
	const rbx, rsi, r9 vmcs.Register = 3, 6, 9
	for _, c := range []struct {
		name string
		f    *Fetched
		want Insn
	}{
		{"mov eax, [rdi]", fetched(64, 0x8b, 0x07), Insn{Op: OpLoad, Len: 2, Size: 4, Dst: 4, FromReg: true, Reads: true}},
		{"mov [rdi+0x10], esi", fetched(64, 0x89, 0x77, 0x10), Insn{Op: OpStore, Len: 3, Size: 4, Dst: 4, Reg: rsi, FromReg: true}},
		{"mov r9d, [0xfffffffffec00010]", fetched(64, 0x44, 0x8b, 0x0c, 0x25, 0x10, 0, 0xc0, 0xfe), Insn{Op: OpLoad, Len: 8, Size: 4, Dst: 4, Reg: r9, FromReg: true, Reads: true}},
		{"mov dword [rax], 0x1c", fetched(64, 0xc7, 0x00, 0x1c, 0, 0, 0), Insn{Op: OpStore, Len: 6, Size: 4, Imm: 0x1c}},
		{"movzx ebx, byte [rax]", fetched(64, 0x0f, 0xb6, 0x18), Insn{Op: OpLoad, Len: 3, Size: 1, Dst: 4, Reg: rbx, FromReg: true, Reads: true}},
		{"movsx rbx, word [rax]", fetched(64, 0x48, 0x0f, 0xbf, 0x18), Insn{Op: OpLoad, Len: 4, Size: 2, Dst: 8, Reg: rbx, FromReg: true, Reads: true, Sign: true}},
		{"mov bh, [rax]", fetched(64, 0x8a, 0x38), Insn{Op: OpLoad, Len: 2, Size: 1, Dst: 1, Reg: rbx, High: true, FromReg: true, Reads: true}},
		{"or dword [rax], 1", fetched(64, 0x83, 0x08, 1), Insn{Op: OpOr, Len: 3, Size: 4, Imm: 1, Reads: true}},
		{"xchg [rax], ebx", fetched(64, 0x87, 0x18), Insn{Op: OpXchg, Len: 2, Size: 4, Dst: 4, Reg: rbx, FromReg: true, Reads: true}},
		{"test [rax], ebx", fetched(64, 0x85, 0x18), Insn{Op: OpTest, Len: 2, Size: 4, Dst: 4, Reg: rbx, FromReg: true, Reads: true}},
		{"mov eax, [0xfee00020], 32-bit", fetched(32, 0xa1, 0x20, 0, 0xe0, 0xfe), Insn{Op: OpLoad, Len: 5, Size: 4, Dst: 4, FromReg: true, Reads: true}},
		{"add eax, ebx: no memory", fetched(64, 0x01, 0xd8), Insn{}},
	} {
		if got := analyse(c.f); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// TestDecodedByBytes wants the cache to answer for the bytes that it was given
// and no others.
func TestDecodedByBytes(t *testing.T) {
	f := fetched(64, 0x8b, 0x07)
	if in := Decode(f); in.Op != OpLoad || in.lo != f.Lo || in.full != 1 {
		t.Fatalf("%+v", in)
	}
	other := fetched(32, 0x8b, 0x07)
	if e := &decoded[slot(other.Lo, other.Hi)]; e.mode == other.Mode {
		t.Error("an entry for 64-bit code answers for 32-bit code")
	}
}

func FuzzAnalyse(f *testing.F) {
	f.Add(uint64(0x078b), uint64(0), uint64(15), uint8(64))
	f.Fuzz(func(t *testing.T, lo, hi, n uint64, mode uint8) {
		m := []uint64{16, 32, 64}[mode%3]
		in := analyse(&Fetched{Lo: lo, Hi: hi, N: n % 16, Mode: m})
		if in.Op != OpNone && (in.Len == 0 || in.Len > 15 || in.Size == 0) {
			t.Errorf("%+v", in)
		}
	})
}
