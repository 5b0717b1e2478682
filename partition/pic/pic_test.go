package pic

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/tx"
)

// bench is a pair on a table: what is noted is done at once.
type bench struct {
	State
	l tx.Log
	t *testing.T
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t}
	b.State.Reset()
	return b
}

func (b *bench) w(port uint16, val uint8) { b.Write(&b.l, port, val); b.l.Apply() }
func (b *bench) r(port uint16) uint8      { v := b.Read(&b.l, port); b.l.Apply(); return v }
func (b *bench) pulse(irq uint64)         { b.Pulse(&b.l, irq); b.l.Apply() }
func (b *bench) hold(irq uint64)          { b.Assert(&b.l, irq); b.l.Apply() }
func (b *bench) drop(irq uint64)          { b.Deassert(&b.l, irq); b.l.Apply() }

func (b *bench) want(port uint16, want uint8) {
	b.t.Helper()
	assert.Equal(b.t, want, b.r(port), "port %#x", port)
}

// takes checks that the pair interrupts with a vector now.
func (b *bench) takes(vec uint8) {
	b.t.Helper()
	assert.True(b.t, b.Wants(), "it wants an interrupt")
	got := b.Acknowledge(&b.l)
	b.l.Apply()
	assert.Equal(b.t, vec, got)
}

func (b *bench) quiet() {
	b.t.Helper()
	assert.False(b.t, b.Wants(), "it wants no interrupt")
}

// setup initialises both as kernels do: vectors 0x20 and 0x28, nothing masked.
func setup(t *testing.T, icw4 uint8) *bench {
	b := newBench(t)
	for i, port := range []uint16{0x20, 0xa0} {
		b.w(port, 0x11)
		b.w(port+1, uint8(0x20+8*i))
		b.w(port+1, []uint8{4, 2}[i])
		b.w(port+1, icw4)
	}
	return b
}

// TestLinux does what Linux does to find the pair and to set it up.
func TestLinux(t *testing.T) {
	b := newBench(t)
	b.want(0x21, 0xff)
	b.w(0xa1, 0xff)
	b.w(0x21, 0xfb)
	b.want(0x21, 0xfb) // it is there
	b.w(0x21, 0xff)
	for i, port := range []uint16{0x20, 0xa0} {
		b.w(port, 0x11)
		b.want(port+1, 0) // ICW1 clears the mask
		b.w(port+1, uint8(0x30+8*i))
		b.w(port+1, []uint8{4, 2}[i])
		b.w(port+1, 1)
		b.w(port+1, 0xff)
		b.want(port+1, 0xff)
	}
	b.w(0x20, 0x0b) // OCW3: nothing is in service
	b.want(0x20, 0)
	b.w(0x20, 0x60) // OCW2
	b.w(0x21, 0xfe)
	b.want(0x21, 0xfe)
	b.want(0xa1, 0xff)
	b.w(0x4d0, 0xff)
	b.w(0x4d1, 0xff)
	b.want(0x4d0, 0xf8)
	b.want(0x4d1, 0xde)
	b.w(0x4d0, 0)
	b.want(0x4d1, 0xde)
}

func TestShortInitialisation(t *testing.T) {
	b := newBench(t)
	b.w(0x20, 0x12)
	b.w(0x21, 0x08)
	b.w(0x21, 0x55) // single, no ICW4: the third byte is the mask
	b.want(0x21, 0x55)
}

func TestPriorities(t *testing.T) {
	b := setup(t, 1)
	b.quiet()
	b.pulse(3)
	b.pulse(1)
	b.pulse(1) // once
	b.want(0x20, 0x0a)
	b.takes(0x21)
	b.quiet() // 3 waits for 1
	b.pulse(0)
	b.takes(0x20)
	b.w(0x20, 0x0b)
	b.want(0x20, 3)
	b.w(0x20, 0x20) // ends 0
	b.want(0x20, 2)
	b.w(0x20, 0x61) // ends 1
	b.takes(0x23)
	b.w(0x20, 0x20)
	b.quiet()
	b.w(0x21, 0x10)
	b.pulse(4)
	b.quiet()
	b.w(0x21, 0)
	b.takes(0x24)
}

func TestSlave(t *testing.T) {
	b := setup(t, 1)
	b.pulse(12)
	b.takes(0x2c)
	b.w(0x20, 0x0b)
	b.w(0xa0, 0x0b)
	b.want(0x20, 4)
	b.want(0xa0, 0x10)
	b.pulse(8) // of higher priority, but the master's line is in service
	b.quiet()
	b.w(0xa0, 0x20)
	b.quiet()
	b.w(0x20, 0x20)
	b.takes(0x28)
	b.w(0xa0, 0x20)
	b.w(0x20, 0x20)
	b.w(0x20, 0x11) // special fully nested: the slave may interrupt itself
	b.w(0x21, 0x20)
	b.w(0x21, 4)
	b.w(0x21, 0x11)
	b.pulse(12)
	b.takes(0x2c)
	b.pulse(8)
	b.takes(0x28)
	b.quiet()
}

func TestSpurious(t *testing.T) {
	b := setup(t, 1)
	b.w(0x4d1, 4)
	b.hold(10)
	assert.True(t, b.Wants())
	b.drop(10)
	b.quiet()
	b.w(0x20, 0x0b)
	assert.Equal(t, uint8(0x27), b.Acknowledge(&b.l))
	b.l.Apply()
	b.want(0x20, 0)
}

func TestLevel(t *testing.T) {
	b := setup(t, 1)
	b.w(0x4d0, 0x20)
	b.hold(5)
	b.takes(0x25)
	b.quiet()
	b.w(0x20, 0x20)
	b.takes(0x25) // still held
	b.drop(5)
	b.w(0x20, 0x20)
	b.quiet()
	b.hold(6) // an edge: once
	b.takes(0x26)
	b.w(0x20, 0x20)
	b.hold(6)
	b.quiet()
	b.drop(6)
	b.hold(6)
	b.takes(0x26)
}

func TestModes(t *testing.T) {
	b := setup(t, 3) // automatic ends
	b.pulse(3)
	b.takes(0x23)
	b.pulse(3)
	b.takes(0x23)
	b.w(0x20, 0x80) // and rotation with them
	b.pulse(3)
	b.pulse(4)
	b.takes(0x23)
	b.takes(0x24)
	b.pulse(4)
	b.pulse(3)
	b.pulse(5)
	b.takes(0x25)
	b.takes(0x23)
	b.takes(0x24)

	b = setup(t, 1)
	b.w(0x20, 0xc4) // 4 has the lowest priority: 5 the highest
	b.pulse(4)
	b.pulse(0)
	b.pulse(5)
	b.takes(0x25)
	b.w(0x20, 0xa0) // end and rotate
	b.takes(0x20)
	b.quiet()
	b.w(0x21, 1)
	b.w(0x20, 0x68) // special mask: what is masked holds nobody up
	b.takes(0x24)
	b.w(0x20, 0x48)
	b.w(0x20, 0xe4)
	b.w(0x20, 0x60)

	b = setup(t, 1)
	b.pulse(9)
	b.w(0x20, 0x0c)
	b.want(0x20, 0x82)
	b.w(0xa0, 0x0c)
	b.want(0xa1, 0x81)
	b.w(0xa0, 0x0c)
	b.want(0xa0, 0)
	b.quiet()
}

func TestHas(t *testing.T) {
	for port := range uint16(0x600) {
		want := port == 0x20 || port == 0x21 || port == 0xa0 || port == 0xa1 || port == 0x4d0 || port == 0x4d1
		assert.Equal(t, want, Has(port), "port %#x", port)
	}
}
