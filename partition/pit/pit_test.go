package pit

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/tx"
)

// One count is 1000 TSC ticks here.
const (
	hz  = 1000 * Rate
	one = 1000
)

// bench is a chip on a table, with its own time.
type bench struct {
	State
	l   tx.Log
	now uint64
	t   *testing.T
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, now: 1 << 40}
	b.Reset(hz, b.now)
	return b
}

func (b *bench) w(port uint16, vals ...uint8) {
	for _, v := range vals {
		b.Write(&b.l, port, v, b.now)
		b.l.Apply()
	}
}

func (b *bench) r(port uint16) uint8 {
	v := b.Read(&b.l, port, b.now)
	b.l.Apply()
	return v
}

func (b *bench) r16(port uint16) uint16 { return uint16(b.r(port)) | uint16(b.r(port))<<8 }

// interrupts lets time pass and counts the interrupts of counter 0, each on time.
func (b *bench) interrupts(counts uint64) (n int) {
	b.t.Helper()
	end := b.now + counts*one
	for b.Deadline != 0 && b.Deadline <= end {
		b.now = b.Deadline
		assert.True(b.t, b.Expire(&b.l, b.now))
		b.l.Apply()
		n++
	}
	b.now = end
	assert.False(b.t, b.Expire(&b.l, b.now))
	return n
}

func TestOneShot(t *testing.T) {
	b := newBench(t)
	b.w(0x43, 0x30)
	assert.Zero(t, b.Deadline)
	b.w(0x40, 100)
	assert.Zero(t, b.Deadline, "the high byte is missing")
	b.w(0x40, 0)
	assert.Equal(t, b.now+100*one, b.Deadline)
	b.now += 30 * one
	assert.Equal(t, uint16(70), b.r16(0x40))
	b.w(0x43, 0xe2)
	assert.Equal(t, uint8(0x30), b.r(0x40), "status: low")
	assert.Equal(t, 1, b.interrupts(100))
	b.w(0x43, 0xe2)
	assert.Equal(t, uint8(0xb0), b.r(0x40), "status: high")
	assert.Equal(t, uint16(0xffff-29), b.r16(0x40), "it goes on")
	assert.Zero(t, b.interrupts(1<<20))
}

func TestPeriodic(t *testing.T) {
	for _, mode := range []uint8{2, 3, 6, 7} {
		b := newBench(t)
		b.w(0x43, 0x30|mode<<1)
		b.w(0x40, 0xe8, 0x03)
		assert.Equal(t, 50, b.interrupts(50_500))
		b.now += 7_000 * one // nobody listens
		assert.True(t, b.Expire(&b.l, b.now))
		b.l.Apply()
		assert.Equal(t, uint64(0), (b.Deadline-b.Counter[0].Start)%(1000*one), "it stays in step")
		assert.Equal(t, 10, b.interrupts(10_000))
	}
}

// A period that is too short to run in is not kept.
func TestShortPeriod(t *testing.T) {
	b := newBench(t)
	b.w(0x43, 0x34)
	b.w(0x40, 2, 0)
	n := b.interrupts(10_000)
	assert.InDelta(t, 10_000*one/MinPeriod, n, 60)
}

func TestCounting(t *testing.T) {
	b := newBench(t)
	b.w(0x43, 0x34)
	b.w(0x40, 10, 0)
	for i, want := range []uint16{10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 10} {
		assert.Equal(t, want, b.r16(0x40), i)
		b.now += one
	}
	b.w(0x43, 0x36)
	b.w(0x40, 10, 0)
	for i, want := range []uint16{10, 8, 6, 4, 2, 10} {
		assert.Equal(t, want, b.r16(0x40), i)
		b.now += one
	}
	b.w(0x43, 0x31)
	b.w(0x40, 0, 0x10) // 1000 in decimal
	b.now += 1 * one
	assert.Equal(t, uint16(0x999), b.r16(0x40))
	b.w(0x43, 0x10)
	b.w(0x40, 77)
	assert.Equal(t, uint8(77), b.r(0x40))
	assert.Equal(t, uint8(77), b.r(0x40))
	b.w(0x43, 0x20)
	b.w(0x40, 3)
	assert.Equal(t, uint8(3), b.r(0x40))
}

func TestLatch(t *testing.T) {
	b := newBench(t)
	b.w(0x43, 0x34)
	b.w(0x40, 0, 0)
	b.now += 0x1234 * one
	b.w(0x43, 0x00)
	b.now += 500 * one
	b.w(0x43, 0xc2) // both; the count is latched already
	b.now += 500 * one
	assert.Equal(t, uint8(0xb4), b.r(0x40))
	assert.Equal(t, uint16(0x10000-0x1234), b.r16(0x40))
	assert.Equal(t, uint16(0x10000-0x1234-1000), b.r16(0x40))
	b.w(0x43, 0xe4) // status of counter 1 only
	assert.Equal(t, uint8(0xb6), b.r(0x41))
	b.w(0x43, 0x14)
	b.w(0x43, 0xe2)
	assert.Equal(t, uint8(0xd4), b.r(0x40), "no count yet")
	assert.Equal(t, uint8(0xff), b.r(0x43))
}

// TestCalibration does what Linux does to measure the TSC by counter 2.
func TestCalibration(t *testing.T) {
	b := newBench(t)
	b.w(0x61, b.r(0x61)&^2|1)
	b.w(0x43, 0xb0)
	b.w(0x42, 0x9c, 0x2e) // 10 ms
	start := b.now
	for b.r(0x61)&0x20 == 0 {
		b.now += 100
	}
	assert.InDelta(t, 0x2e9c*one, b.now-start, 101)
	b.w(0x43, 0xb0)
	b.w(0x42, 100, 0)
	b.now += 40 * one
	b.w(0x61, 0)
	b.now += 40 * one
	assert.Equal(t, uint16(60), b.r16(0x42), "the gate is closed")
	b.w(0x61, 1)
	b.now += 20 * one
	assert.Equal(t, uint16(40), b.r16(0x42))
	for _, mode := range []uint8{1, 5} {
		b.w(0x61, 0)
		b.w(0x43, 0xb0|mode<<1)
		b.w(0x42, 10, 0)
		b.now += 20 * one
		assert.Equal(t, uint8(0x20), b.r(0x61)&0x20, "it waits for its gate")
		b.w(0x61, 1)
		b.now += 10 * one
		assert.Equal(t, mode == 1, b.r(0x61)&0x20 != 0)
		b.now += one
		assert.Equal(t, uint8(0x20), b.r(0x61)&0x20)
	}
	b.w(0x43, 0xb6)
	b.w(0x42, 10, 0)
	b.now += 6 * one
	assert.Zero(t, b.r(0x61)&0x20, "second half of the square")
	b.w(0x61, 0)
	assert.Equal(t, uint8(0x20), b.r(0x61)&0x20, "high while the gate is closed")
	b.w(0x61, 1)
	b.now += 4 * one
	assert.Equal(t, uint8(0x20), b.r(0x61)&0x20, "it began anew")
}

func TestHas(t *testing.T) {
	for port := range uint16(0x600) {
		want := port >= 0x40 && port <= 0x43 || port == 0x61
		assert.Equal(t, want, Has(port), "port %#x", port)
	}
}
