//go:build !metal

package ram

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

const mib = 1 << 20

// begin makes a machine of 32 MiB, and in it a partition with 4 MiB that lie
// together, two pages in the wrong order above, a page that may not be written
// and a device.
func begin(t testing.TB) *RAM {
	t.Helper()
	require.NoError(t, phys.Fake(32*mib))
	require.NoError(t, kept.Start(0, mib))
	e, err := ept.New(1)
	require.NoError(t, err)
	for _, m := range []struct {
		gpa  addr.GPA
		hpa  addr.HPA
		size uint64
		perm ept.Perm
		mem  ept.MemType
	}{
		{0, 8 * mib, 4 * mib, ept.RWX, ept.WB},
		{4 * mib, 16*mib + 0x1000, 0x1000, ept.RWX, ept.WB},
		{4*mib + 0x1000, 16 * mib, 0x1000, ept.RWX, ept.WB},
		{4*mib + 0x2000, 17 * mib, 0x1000, ept.RX, ept.WB},
		{4*mib + 0x3000, 18 * mib, 0x1000, ept.RWX, ept.UC},
	} {
		require.NoError(t, e.Map(m.gpa, m.hpa, m.size, m.perm, m.mem))
	}
	return &RAM{EPTP: e.Pointer(), Size: 4 * mib, Delta: 8 * mib}
}

func TestSpan(t *testing.T) {
	m := begin(t)
	for _, c := range []struct{ gpa, n, hpa, want uint64 }{
		{0, 1, 8 * mib, 1},
		{0, ^uint64(0), 8 * mib, 4 * mib},
		{0x1234, 0x2000, 8*mib + 0x1234, 0x2000},
		{4*mib - 1, 2, 12*mib - 1, 1},
		{4 * mib, 0x2000, 16*mib + 0x1000, 0x1000},
		{4*mib + 0x1ffe, 5, 16*mib + 0xffe, 2},
		{4*mib + 0x2000, 8, 0, 0},
		{4*mib + 0x3000, 8, 0, 0},
		{4*mib + 0x4000, 8, 0, 0},
		{1 << 48, 8, 0, 0},
		{^uint64(0), 8, 0, 0},
	} {
		va, n := m.Span(c.gpa, c.n)
		assert.Equal(t, c.want, n, "%#x, %#x", c.gpa, c.n)
		if n != 0 {
			assert.Equal(t, at(addr.HPA(c.hpa)), va, "%#x", c.gpa)
		}
		across := c.gpa == 4*mib-1 || c.gpa == 4*mib
		assert.Equal(t, c.want == c.n || across, m.Has(c.gpa, c.n), "all of %#x, %#x", c.gpa, c.n)
	}
	none := RAM{}
	_, n := none.Span(0, 1)
	assert.Zero(t, n, "no memory at all")
}

func TestReadAndWrite(t *testing.T) {
	m := begin(t)
	for _, c := range []struct {
		gpa  uint64
		size uint8
		ok   bool
	}{
		{0, 8, true}, {0xff8, 8, true}, {0xff9, 8, false}, {0xfff, 1, true}, {0xfff, 2, false},
		{4*mib + 0x1ffc, 4, true}, {4*mib + 0x2000, 4, false}, {^uint64(7), 8, false}, {^uint64(0), 2, false},
	} {
		const val = 0x8877665544332211
		require.Equal(t, c.ok, m.Write(c.gpa, val, c.size), "%#x", c.gpa)
		got, ok := m.Read(c.gpa, c.size)
		require.Equal(t, c.ok, ok, "%#x", c.gpa)
		if ok {
			assert.Equal(t, uint64(val)&(1<<(8*c.size-1)<<1-1), got, "%#x", c.gpa)
		}
	}
	_, ok := m.Bytes(0, addr.PageSize+1)
	assert.False(t, ok)
	_, ok = m.Bytes(1, ^uint64(0))
	assert.False(t, ok, "a length that wraps")
}

func TestCopies(t *testing.T) {
	m := begin(t)
	const n = 0x2800
	const from, to = 4*mib - 0x800, 0x5123
	for i := range uint64(n) {
		m.Write(from+i, i*7, 1)
	}
	assert.True(t, Copy(m, to, m, from, n))
	for i := range uint64(n) {
		got, _ := m.Read(to+i, 1)
		require.EqualValues(t, uint8(i*7), got, "byte %#x", i)
	}
	assert.False(t, Copy(m, to, m, from, n+1), "the last byte is not to be had")
	assert.False(t, Copy(m, from, m, to, n+1))
	assert.True(t, Copy(m, ^uint64(0), m, ^uint64(0), 0), "nothing can be copied from anywhere")

	va, _ := m.Span(0x10000, n)
	assert.True(t, m.CopyOut(va, from, n))
	assert.True(t, m.CopyIn(0x20000, va, n))
	got, _ := m.Bytes(0x20000+n-0x800, 0x700)
	want, _ := m.Bytes(4*mib+0x1800, 0x700)
	assert.Equal(t, want, got)
	assert.False(t, m.CopyOut(va, 4*mib+0x1fff, 2))
	assert.False(t, m.CopyIn(4*mib+0x1fff, va, 2))
}

// FuzzSpan asks for stretches anywhere: what is found must be the partition's.
func FuzzSpan(f *testing.F) {
	f.Add(uint64(4*mib-1), uint64(2))
	f.Add(uint64(4*mib+0x1fff), ^uint64(0))
	m := begin(f)
	f.Fuzz(func(t *testing.T, gpa, n uint64) {
		va, k := m.Span(gpa, n)
		if k == 0 {
			return
		}
		hpa := uint64(va - at(0))
		inside := func(start, size uint64) bool { return hpa-start < size && k <= size-(hpa-start) }
		if k > n || !inside(8*mib, 4*mib) && !inside(16*mib, 0x2000) {
			t.Fatalf("%#x, %#x: %#x bytes at %#x", gpa, n, k, hpa)
		}
	})
}
