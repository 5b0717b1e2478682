//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// The page tables of every mode lead to the same page, for whoever looks at them.
func TestWalks(t *testing.T) {
	machine(t, 256*mib)
	id, err := put(wish("w", 16*mib))
	require.Zero(t, err)
	require.False(t, labour(1000))
	p := Lookup(id)
	const pg, la, page = x86.CR0PG | 1, 0x40603123, 0x5000
	for _, c := range []struct {
		name  string
		w     walker
		slots [][3]uint64 // where, what, bytes
	}{
		{"long", walker{cr4: x86.CR4PAE, efer: x86.EFERLMA}, [][3]uint64{{0x1000, 0x2003, 8}, {0x2000 + 1*8, 0x3003, 8}, {0x3000 + 3*8, 0x4003, 8}, {0x4000 + 3*8, page | 3, 8}}},
		{"PAE", walker{cr4: x86.CR4PAE}, [][3]uint64{{0x1000 + 1*8, 0x3001, 8}, {0x3000 + 3*8, 0x4003, 8}, {0x4000 + 3*8, page | 3, 8}}},
		{"32 bits", walker{}, [][3]uint64{{0x1000 + 0x101*4, 0x4003, 4}, {0x4000 + 0x203*4, page | 3, 4}}},
	} {
		for at := uint64(0x1000); at < page; at += 8 {
			p.write(at, 0, 8)
		}
		for _, s := range c.slots {
			require.True(t, p.write(s[0], s[1], uint8(s[2])))
		}
		w := c.w
		w.p, w.cr0, w.cr3 = p, pg, 0x1000
		gpa, ok, _ := w.translate(la, true)
		assert.True(t, ok && gpa == page|0x123, "%s: %#x %v", c.name, gpa, ok)
		var r abi.Walk
		gpa, ok = w.trace(la, &r)
		assert.True(t, ok && gpa == page|0x123, "%s, traced: %#x %v", c.name, gpa, ok)
		for i, s := range c.slots {
			assert.Equal(t, s[0], r.Slot[i], c.name)
		}
		_, ok, _ = w.translate(la+0x1000, false)
		assert.False(t, ok, c.name)
	}
}
