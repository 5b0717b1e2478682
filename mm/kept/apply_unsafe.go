package kept

import (
	"unsafe"

	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// SAFETY, for all of this file: a Way was made for tables that lie in the arena,
// by somebody who held every operation to the strides of their records; Convert
// holds its records to them too.

// sealedBytes is how much of a Change its header covers.
const sealedBytes = unsafe.Offsetof(Change{}.Passed)

// changeAt returns the change at an offset in the arena.
//
//go:nosplit
func changeAt(offset uint64) *Change {
	return (*Change)(phys.At(arena.base + addr.HPA(offset))) // SAFETY: see above.
}

// Seal makes c one that Good holds good.
func (c *Change) Seal() {
	c.Seq++
	c.Kind = KindRoot
	c.Sum = sum(unsafe.Pointer(c), sealedBytes) // SAFETY: see above.
}

// Good reports whether nobody has changed c's ways since they were made.
func (c *Change) Good() bool {
	return c.Kind == KindRoot && c.Sum == sum(unsafe.Pointer(c), sealedBytes) // SAFETY: see above.
}

// settle makes every record that is in use, or was when it was last mirrored,
// what it is in the tables that w leads from.
//
//go:nosplit
func (w *Way) settle() (bytes uint64) {
	for t := uint64(0); t < w.Tables; t++ {
		m := &w.Table[t%maxMoved]
		from, to := phys.At(addr.HPA(m.From)), phys.At(addr.HPA(m.To))
		for n := m.Count; n != 0; n-- {
			if m.UseFrom == 0 || m.UseTo == 0 || word(from, m.UseFrom-1)|word(to, m.UseTo-1) != 0 {
				bytes += w.convert(m, from, to, false)
			}
			from, to = unsafe.Add(from, m.FromStride), unsafe.Add(to, m.ToStride)
		}
	}
	return bytes
}

// Convert makes to, a record of the table that m leads to, what from is. If
// everything is asked for, also what is not done while everybody stands.
func (w *Way) Convert(m *Moved, from, to []byte, everything bool) {
	if uint64(len(from)) < m.FromStride || uint64(len(to)) < m.ToStride {
		return
	}
	w.convert(m, unsafe.Pointer(&from[0]), unsafe.Pointer(&to[0]), everything) // SAFETY: see above.
}

// Bytes returns record i of the table at a.
func Bytes(a, stride, i uint64) []byte {
	return unsafe.Slice((*byte)(phys.At(addr.HPA(a+i*stride))), stride) // SAFETY: see above.
}

// convert does the operations of one record.
//
//go:nosplit
func (w *Way) convert(m *Moved, from, to unsafe.Pointer, everything bool) (bytes uint64) {
	for i := m.FirstOp; i < m.EndOp; i++ {
		o := &w.Op[i%maxOps]
		switch o.What {
		case OpCopy:
			move(unsafe.Add(to, o.To), unsafe.Add(from, o.From), o.Bytes)
			bytes += o.Bytes
		case OpRing:
			bytes += o.ring(from, to)
		case OpHint:
			if everything {
				move(unsafe.Add(to, o.To), unsafe.Add(from, o.From), o.Bytes)
			}
		case OpSeal:
			old, fresh := (*Header)(unsafe.Add(from, o.From)), (*Header)(unsafe.Add(to, o.To)) // SAFETY: see above.
			if old.Sum == sum(unsafe.Pointer(old), uintptr(o.A)) {
				fresh.Sum = sum(unsafe.Pointer(fresh), uintptr(o.Bytes))
			}
		default:
			o.number(from, to, everything)
		}
	}
	return bytes
}

// number does an operation with one integer.
//
//go:nosplit
func (o *Op) number(from, to unsafe.Pointer, everything bool) {
	switch {
	case o.What == OpFill && everything:
		move(unsafe.Add(to, o.To), unsafe.Pointer(&o.A), o.Bytes) // SAFETY: the low bytes come first.
	case o.What == OpWiden:
		v := uint64(0)
		move(unsafe.Pointer(&v), unsafe.Add(from, o.From), o.A) // SAFETY: the low bytes come first.
		if o.B == 1 {
			v = uint64(int64(v<<(64-8*o.A)) >> (64 - 8*o.A))
		}
		move(unsafe.Add(to, o.To), unsafe.Pointer(&v), o.Bytes) // SAFETY: the low bytes come first.
	}
}

// ring copies what was put into a ring since the positions were the same, or all
// that both have room for if that is less. The positions are copied after it.
//
//go:nosplit
func (o *Op) ring(from, to unsafe.Pointer) (bytes uint64) {
	end, at := word(from, o.PosFrom)*o.Unit, word(to, o.PosTo)*o.Unit
	if most := min(o.A, o.Bytes); end-at > most {
		at = end - min(end, most)
	}
	for at < end {
		n := min(end-at, o.A-at%o.A, o.Bytes-at%o.Bytes)
		move(unsafe.Add(to, o.To+at%o.Bytes), unsafe.Add(from, o.From+at%o.A), n)
		at, bytes = at+n, bytes+n
	}
	return bytes
}

// move copies n bytes.
//
//go:nosplit
func move(to, from unsafe.Pointer, n uint64) {
	if (uintptr(to)|uintptr(from)|uintptr(n))&7 == 0 {
		x86.CopyWords(uintptr(to), uintptr(from), n/8)
	} else {
		x86.CopyBytes(uintptr(to), uintptr(from), n)
	}
}

// word returns the word at an offset.
//
//go:nosplit
func word(p unsafe.Pointer, offset uint64) uint64 {
	return *(*uint64)(unsafe.Add(p, offset)) // SAFETY: see above.
}
