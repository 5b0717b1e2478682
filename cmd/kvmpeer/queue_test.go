package main

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A request of two parts goes from one queue's memory to a buffer of two parts in
// another's, byte for byte.
func TestFrameMoves(t *testing.T) {
	le := binary.LittleEndian
	descriptor := func(mem []byte, i int, at uint64, n uint32, flags, next uint16) {
		d := mem[0x100+16*i:]
		le.PutUint64(d, at)
		le.PutUint32(d[8:], n)
		le.PutUint16(d[12:], flags)
		le.PutUint16(d[14:], next)
	}
	tx, rx := make([]byte, 4096), make([]byte, 4096)
	q := queue{size: 4, ready: 1, desc: 0x100, avail: 0x200, used: 0x300}
	_, _, ok := q.peek(tx, nil)
	assert.False(t, ok, "an empty queue")
	descriptor(tx, 3, 0x400, 12, descNext, 1)
	descriptor(tx, 1, 0x500, 30, 0, 0)
	le.PutUint16(tx[0x204:], 3)
	le.PutUint16(tx[0x202:], 1)
	for i := range 30 {
		tx[0x500+i] = byte(i)
	}
	descriptor(rx, 0, 0x600, 20, descNext|descWrite, 2)
	descriptor(rx, 2, 0x700, 100, descWrite, 0)
	le.PutUint16(rx[0x202:], 1)

	head, from, ok := q.peek(tx, nil)
	assert.True(t, ok)
	assert.EqualValues(t, 3, head)
	in := q
	buffer, to, ok := in.peek(rx, nil)
	assert.True(t, ok)
	assert.Equal(t, 42, scatter(to, from))
	assert.Equal(t, tx[0x500:0x508], rx[0x60c:0x614])
	assert.Equal(t, tx[0x508:0x51e], rx[0x700:0x716])
	in.use(rx, buffer, 42)
	assert.EqualValues(t, 1, le.Uint16(rx[0x302:]))
	assert.EqualValues(t, 42, le.Uint32(rx[0x308:]))
	_, _, ok = in.peek(rx, nil)
	assert.False(t, ok, "the same buffer again")
	assert.False(t, q.quiet(tx))
	tx[0x200] = noIRQ
	assert.True(t, q.quiet(tx))
}
