package kept

import (
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// Cost is what a record will take in Pass.
type Cost struct {
	Ops   uint64 // operations
	Words uint64 // that are copied, and bytes where it is not words
}

// Cost returns how many bytes of record i of a table Pass would copy now, and in
// how many steps.
func (w *Way) Cost(m *Moved, i uint64) (bytes uint64, c Cost) {
	from := phys.At(addr.HPA(m.From + i*m.FromStride)) // SAFETY: the table lies there; see settle.
	to := phys.At(addr.HPA(m.To + i*m.ToStride))       // SAFETY: the same.
	if m.UseFrom != 0 && m.UseTo != 0 && word(from, m.UseFrom-1)|word(to, m.UseTo-1) == 0 {
		return 0, c
	}
	for k := m.FirstOp; k < m.EndOp; k++ {
		o := &w.Op[k]
		n := uint64(0)
		switch o.What {
		case OpCopy:
			n = o.Bytes
		case OpRing:
			n = min(word(from, o.PosFrom)-word(to, o.PosTo), o.A/o.Unit) * o.Unit
		case OpSeal:
			c.Words += (o.A + o.Bytes) // eight instructions for a word of each
		}
		bytes += n
		c.Ops++
		if (o.From|o.To|n)&7 == 0 {
			c.Words += n / 8
		} else {
			c.Words += n
		}
	}
	return bytes, c
}
