//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/boot"
	"perdure/mm/addr"
)

func TestRootLeavesMemoryForInstances(t *testing.T) {
	const mib, gib = 1 << 20, 1 << 30
	ram := func(at addr.HPA, size uint64) boot.Region { return boot.Region{Start: at, Size: size, Kind: boot.RAM} }
	for _, c := range []struct {
		name  string
		order BootOrder
		ram   []boot.Region
		at    addr.HPA // 0: nothing is left
	}{
		{"a small machine", BootOrder{Limit: 2 * gib}, []boot.Region{ram(0, 3*gib)}, 0},
		{"root ends below", BootOrder{Limit: 2 * gib}, []boot.Region{ram(0, 3*gib), ram(4*gib, gib)}, 0},
		{"root has it all", BootOrder{Limit: 3 * gib}, []boot.Region{ram(0, 3*gib), ram(4*gib, 4*gib)}, 3*gib - 194*mib},
		{"a large machine", BootOrder{Limit: 32 * gib}, []boot.Region{ram(0, 3*gib), ram(4*gib, 60*gib)}, 3*gib - 194*mib},
		{"the last piece is small", BootOrder{Limit: 32 * gib}, []boot.Region{ram(0, 2*gib), ram(3*gib, 100*mib), ram(4*gib, 60*gib)}, 2*gib - 194*mib},
		{"the initramfs is there", BootOrder{Limit: 32 * gib, Initrd: 3*gib - 50*mib - 5, InitrdSize: 40 * mib}, []boot.Region{ram(0, 3*gib), ram(4*gib, 60*gib)}, 3*gib - 244*mib},
		{"the initramfs is elsewhere", BootOrder{Limit: 32 * gib, Initrd: 5 * mib, InitrdSize: 40 * mib}, []boot.Region{ram(0, 3*gib), ram(4*gib, 60*gib)}, 3*gib - 194*mib},
	} {
		o := c.order
		o.Regions = uint64(copy(o.Map[:], c.ram))
		s := o.spare()
		assert.Equal(t, c.at, s.Start, c.name)
		assert.Equal(t, c.at != 0, s.Size == spareSize, c.name)
		if s.Size == 0 {
			assert.Equal(t, boot.Map(c.ram), boot.Map(c.ram).Overlay(s), c.name)
		}
	}
}
