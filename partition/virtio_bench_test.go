//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/partition/ram"
	"perdure/partition/vcon"
	"perdure/partition/virtio/driver"
)

// devBench is a guest with a console and a source of entropy, and a driver of one
// of them which makes its accesses as exits.
type devBench struct {
	c *CPU
	p *Partition
	g *driver.Guest
}

const deviceVector = 0x51

func newDevBench(t *testing.T, slot uint64) *devBench {
	c, root := bench(t, 2)
	p := root
	if slot != rootSlotConsole {
		p = Lookup(3)
		*p = Partition{ID: 3, Kind: Guest, State: Running, VPs: 1, FirstVP: 1}
		p.VP(0).Part, p.VP(0).ID, p.VP(0).CPU = 3, 0, 0
		p.VP(0).LAPIC.Reset(0, true)
		p.VP(0).LAPIC.SVR |= 0x100
		p.IOAPIC.Reset(0, abi.IOAPICPins, 0)
		p.Config.Flags = abi.ConfigConsole | abi.ConfigEntropy
		require.NoError(t, p.resetDevices())
	} else {
		p.DeviceBase, p.DeviceGSI = 0x3d600000, 16
		vcon.Init(p.device(slot))
	}
	b := &devBench{c: c, p: p, g: driver.New(t, p.device(slot))}
	p.RAM = ram.RAM{Size: b.g.RAM.Size, Delta: b.g.RAM.Delta}
	if p.Kind == Guest {
		ring, err := kept.Pages(5, TtySize/4096)
		require.NoError(t, err)
		p.Tty.Ring = uint64(ring)
	}
	p.IOAPIC.Low[p.DeviceGSI+slot] = deviceVector
	b.g.Access = func(off, val uint32) { b.store(slot, off, val) }
	b.g.Start()
	return b
}

// store is an exit for a store to a device's window.
func (b *devBench) store(slot uint64, off, val uint32) {
	v := b.p.VP(0)
	gpa := b.p.DeviceBase + slot*abi.DeviceStride + uint64(off)
	d := v.mmio(b.c, &Insn{Op: OpStore, Size: 4, Imm: uint64(val), Len: 3}, b.p.window(v, gpa), gpa)
	if d&Changes != 0 {
		v.Log.Apply()
		b.c.after()
	}
}

func (b *devBench) interrupted() bool {
	w := &b.p.VP(0).LAPIC.IRR[deviceVector>>6]
	got := *w>>(deviceVector&63)&1 != 0
	*w = 0
	return got
}

const notifyReg = 0x50
