package virtio

import (
	"perdure/mm/addr"
	"perdure/partition/ram"
)

// Get copies up to n bytes of what the guest gave, from off on, to the
// hypervisor's memory; it returns how many that were.
//
//go:nosplit
func (c *Chain) Get(m *ram.RAM, to addr.HVA, off, n uint64) (done uint64) {
	for i := uint64(0); i < c.Out && i < MaxSegs && done < n; i++ {
		s := &c.Seg[i]
		if off >= s.Len {
			off -= s.Len
			continue
		}
		k := min(s.Len-off, n-done)
		if !m.CopyOut(to+addr.HVA(done), s.Addr+off, k) {
			return done
		}
		done, off = done+k, 0
	}
	return done
}

// Put copies up to n bytes of the hypervisor's to where the guest wants them,
// from off on; it returns how many that were.
//
//go:nosplit
func (c *Chain) Put(m *ram.RAM, off uint64, from addr.HVA, n uint64) (done uint64) {
	for i := c.Out; i < c.N && i < MaxSegs && done < n; i++ {
		s := &c.Seg[i]
		if off >= s.Len {
			off -= s.Len
			continue
		}
		k := min(s.Len-off, n-done)
		if !m.CopyIn(s.Addr+off, from+addr.HVA(done), k) {
			return done
		}
		done, off = done+k, 0
	}
	return done
}

// PutByte writes one byte to where the guest wants it.
//
//go:nosplit
func (c *Chain) PutByte(m *ram.RAM, off uint64, b uint8) bool {
	for i := c.Out; i < c.N && i < MaxSegs; i++ {
		s := &c.Seg[i]
		if off < s.Len {
			return m.Write(s.Addr+off, uint64(b), 1)
		}
		off -= s.Len
	}
	return false
}

// GetWord reads size bytes (1, 2, 4 or 8) of what the guest gave, in any
// alignment.
//
//go:nosplit
func (c *Chain) GetWord(m *ram.RAM, off uint64, size uint8) (val uint64, ok bool) {
	k := uint64(0)
	for i := uint64(0); i < c.Out && i < MaxSegs; i++ {
		s := &c.Seg[i]
		for off < s.Len {
			b, ok := m.Read(s.Addr+off, 1)
			if !ok {
				return 0, false
			}
			val |= b << (8 * k & 63)
			off++
			if k++; k == uint64(size) {
				return val, true
			}
		}
		off -= s.Len
	}
	return 0, false
}

// Move copies up to n bytes of what one guest gave, from the given place on, to
// where another one wants them; it returns how many that were.
//
//go:nosplit
func Move(to *ram.RAM, dst *Chain, toOff uint64, from *ram.RAM, src *Chain, fromOff, n uint64) (done uint64) {
	i, j := uint64(0), dst.Out
	for done < n && i < src.Out && i < MaxSegs && j < dst.N && j < MaxSegs {
		s, d := &src.Seg[i], &dst.Seg[j]
		switch {
		case fromOff >= s.Len:
			i, fromOff = i+1, fromOff-s.Len
			continue
		case toOff >= d.Len:
			j, toOff = j+1, toOff-d.Len
			continue
		}
		k := min(s.Len-fromOff, d.Len-toOff, n-done)
		if !ram.Copy(to, d.Addr+toOff, from, s.Addr+fromOff, k) {
			return done
		}
		done, fromOff, toOff = done+k, fromOff+k, toOff+k
	}
	return done
}
