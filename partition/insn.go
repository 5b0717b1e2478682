package partition

import (
	"sync/atomic"

	"golang.org/x/arch/x86/x86asm"

	"perdure/mm/addr"
	"perdure/vmx/vmcs"
)

// Fetched is the instruction that a VP waits to have decoded; kept.
type Fetched struct {
	Lo, Hi uint64 // its first 15 bytes
	N      uint64 // how many of them could be read
	Mode   uint64 // 16, 32 or 64
}

// Op is what an instruction does with its memory operand.
type Op uint8

// Operations that are emulated on device windows.
const (
	OpNone  Op = iota // cannot be emulated
	OpLoad            // register := memory
	OpStore           // memory := register or immediate
	OpAnd
	OpOr
	OpXor
	OpTest
	OpXchg
	OpCmp
)

// Insn is a decoded instruction with one memory operand.
type Insn struct {
	lo, hi  uint64 // the bytes: the key
	mode    uint64
	full    uint64 // 1 once the entry may be read
	Imm     uint64
	Op      Op
	Len     uint8
	Size    uint8 // bytes of the memory operand
	Dst     uint8 // bytes of the register
	Reg     vmcs.Register
	High    bool // AH, CH, DH, BH
	FromReg bool // the source is Reg, else Imm
	Reads   bool // the memory operand is read
	ToReg   bool // the result goes to Reg, which is the first operand
	Sign    bool // MOVSX
}

// decodedLen is the number of entries of the cache; instructions that touch
// device windows are few.
const decodedLen = 256

// decoded remembers instructions by their bytes. It is volatile: a control
// goroutine, which may use the decoder library, fills it; handlers read it.
var decoded [decodedLen]Insn

//go:nosplit
func slot(lo, hi uint64) uint64 {
	h := (lo ^ hi>>7) * 0x9e3779b97f4a7c15
	return h >> 56 & (decodedLen - 1)
}

// decoded returns what the instruction at v's RIP is, nil if it is not known yet.
// The bytes are left in v.Insn.
//
//go:nosplit
func (v *VP) decoded() *Insn {
	v.fetch()
	f := &v.Insn
	e := &decoded[slot(f.Lo, f.Hi)]
	if atomic.LoadUint64(&e.full) == 0 || e.lo != f.Lo || e.hi != f.Hi || e.mode != f.Mode {
		return nil
	}
	return e
}

// fetch reads the bytes at v's RIP into v.Insn.
//
//go:nosplit
func (v *VP) fetch() {
	f := &v.Insn
	f.Lo, f.Hi, f.N = 0, 0, 0
	cs := vmcs.GuestCSAccess.Read()
	w := v.walker()
	la := v.Ctx.RIP
	switch {
	case cs&vmcs.AccessLong != 0 && w.efer&(1<<10) != 0:
		f.Mode = 64
	case cs&vmcs.AccessBig != 0:
		f.Mode = 32
		la += vmcs.GuestCSBase.Read()
	default:
		f.Mode = 16
		la += vmcs.GuestCSBase.Read()
	}
	if la&0xfff <= addr.PageSize-16 {
		if gpa, ok, _ := w.translate(la, false); ok {
			if f.Lo, ok = w.p.read(gpa, 8); ok {
				f.Hi, _ = w.p.read(gpa+8, 8)
				f.Hi &= 1<<56 - 1
				f.N = 15
			}
		}
		return
	}
	f.bytewise(&w, la)
}

// bytewise is fetch for an instruction that may lie in two pages.
//
//go:nosplit
func (f *Fetched) bytewise(w *walker, la uint64) {
	var gpa uint64
	for i := uint64(0); i < 15; i++ {
		if a := la + i; i == 0 || a&0xfff == 0 {
			var ok bool
			if gpa, ok, _ = w.translate(a, false); !ok {
				return
			}
		}
		b, ok := w.p.read(gpa, 1)
		if !ok {
			return
		}
		if i < 8 {
			f.Lo |= b << (8 * i)
		} else {
			f.Hi |= b << (8 * (i - 8) & 63)
		}
		gpa++
		f.N = i + 1
	}
}

// askDecode parks v until the control goroutine has decoded its instruction.
//
//go:nosplit
func (v *VP) askDecode() Verdict {
	v.State = VPDecode
	atomic.OrUint64(&tab.Host.Work, WorkDecode)
	return Resume | Park
}

// Decode fills the cache entry of f. Bytes that make no instruction which can be
// emulated get an entry that says so.
func Decode(f *Fetched) *Insn {
	e := &decoded[slot(f.Lo, f.Hi)]
	atomic.StoreUint64(&e.full, 0)
	in := analyse(f)
	in.lo, in.hi, in.mode = f.Lo, f.Hi, f.Mode
	*e = in
	atomic.StoreUint64(&e.full, 1)
	return e
}

// analyse decodes the bytes with the decoder library, which may not be up to all
// that a guest can write.
func analyse(f *Fetched) (in Insn) {
	defer func() {
		if recover() != nil {
			in = Insn{}
		}
	}()
	var b [15]byte
	for i := range b {
		if i < 8 {
			b[i] = byte(f.Lo >> (8 * i))
		} else {
			b[i] = byte(f.Hi >> (8 * (i - 8)))
		}
	}
	x, err := x86asm.Decode(b[:f.N], int(f.Mode))
	if err != nil || x.MemBytes == 0 {
		return
	}
	in.Len, in.Size = uint8(x.Len), uint8(x.MemBytes)
	_, toMem := x.Args[0].(x86asm.Mem)
	var other x86asm.Arg = x.Args[1]
	if !toMem {
		other = x.Args[0]
		if _, ok := x.Args[1].(x86asm.Mem); !ok {
			return
		}
	}
	switch o := other.(type) {
	case x86asm.Reg:
		var ok bool
		if in.Reg, in.Dst, in.High, ok = register(o); !ok {
			return
		}
		in.FromReg = true
	case x86asm.Imm:
		in.Imm = uint64(o)
	default:
		return
	}
	switch x.Op {
	case x86asm.MOV:
		in.Op = OpLoad
		if toMem {
			in.Op = OpStore
		}
	case x86asm.MOVZX:
		in.Op = OpLoad
	case x86asm.MOVSX, x86asm.MOVSXD:
		in.Op, in.Sign = OpLoad, true
	case x86asm.XCHG:
		in.Op = OpXchg
	case x86asm.TEST:
		in.Op = OpTest
	case x86asm.AND, x86asm.OR, x86asm.XOR, x86asm.CMP:
		in.ToReg = !toMem
		in.Op = map[x86asm.Op]Op{x86asm.AND: OpAnd, x86asm.OR: OpOr, x86asm.XOR: OpXor, x86asm.CMP: OpCmp}[x.Op]
	}
	in.Reads = in.Op != OpStore && in.Op != OpNone
	return
}

// register returns the number, size and place of a general register.
func register(r x86asm.Reg) (n vmcs.Register, size uint8, high, ok bool) {
	switch {
	case r >= x86asm.AL && r <= x86asm.BL:
		return vmcs.Register(r - x86asm.AL), 1, false, true
	case r >= x86asm.AH && r <= x86asm.BH:
		return vmcs.Register(r - x86asm.AH), 1, true, true
	case r >= x86asm.SPB && r <= x86asm.R15B:
		return vmcs.Register(r-x86asm.SPB) + 4, 1, false, true
	case r >= x86asm.AX && r <= x86asm.R15W:
		return vmcs.Register(r - x86asm.AX), 2, false, true
	case r >= x86asm.EAX && r <= x86asm.R15L:
		return vmcs.Register(r - x86asm.EAX), 4, false, true
	case r >= x86asm.RAX && r <= x86asm.R15:
		return vmcs.Register(r - x86asm.RAX), 8, false, true
	}
	return 0, 0, false, false
}
