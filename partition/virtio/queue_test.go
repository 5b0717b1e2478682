//go:build !metal

package virtio

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/ram"
)

func TestRequests(t *testing.T) {
	b := live(t)
	q := &b.d.Queue[0]
	require.Equal(t, Empty, b.peek())
	for i := range uint64(70000) { // indices wrap
		head := i % 3
		b.desc(head, dataAt, 16, descNext, 3)
		b.desc(3, dataAt+0x100, 32, descNext|descWrite, 4)
		b.desc(4, dataAt+0x200, 1, descWrite, 0)
		b.avail(i, head)
		require.EqualValues(t, 1, q.Waits(&b.m))
		require.Equal(t, Request, b.peek())
		want := Chain{Head: head, N: 3, Out: 1, Readable: 16, Writable: 33}
		want.Seg[0], want.Seg[1], want.Seg[2] = Segment{dataAt, 16}, Segment{dataAt + 0x100, 32}, Segment{dataAt + 0x200, 1}
		require.Equal(t, want, b.c)
		q.Take(&b.l)
		q.Answer(&b.l, b.c.Head, 33)
		_, _, before := b.used(i)
		require.EqualValues(t, i&0xffff, before, "nothing is shown before the commit")
		b.l.Apply()
		require.True(t, q.Publish(&b.m))
		require.True(t, q.Publish(&b.m), "again changes nothing")
		h, n, index := b.used(i)
		require.Equal(t, []uint64{head, 33, (i + 1) & 0xffff}, []uint64{h, n, index})
	}
	assert.Equal(t, Empty, b.peek())
}

func TestPushIsRepeatable(t *testing.T) {
	b := live(t)
	q := &b.d.Queue[0]
	for range 2 {
		require.True(t, q.Push(&b.m, 5, 7))
		head, n, index := b.used(0)
		assert.Equal(t, []uint64{5, 7, 1}, []uint64{head, n, index})
		require.True(t, q.Publish(&b.m), "there is nothing to publish")
	}
	q.Done = 1
	require.True(t, q.Push(&b.m, 6, 8))
	head, _, index := b.used(1)
	assert.Equal(t, []uint64{6, 2}, []uint64{head, index})
	q.Ready = 0
	assert.False(t, q.Push(&b.m, 5, 7), "the driver has taken the queue away")
	assert.True(t, q.Publish(&b.m))
	assert.Equal(t, Empty, b.peek())
	assert.Zero(t, q.Waits(&b.m))
}

func TestInterruptsAreSuppressed(t *testing.T) {
	b := live(t)
	assert.True(t, b.d.Queue[0].Interrupts(&b.m))
	b.m.Write(availAt, availNoInterrupt, 2)
	assert.False(t, b.d.Queue[0].Interrupts(&b.m))
}

// TestMalformed has what a hostile driver can put into a queue.
func TestMalformed(t *testing.T) {
	ok := func(b *bench) { b.desc(0, dataAt, 16, 0, 0); b.avail(0, 0) }
	for _, c := range []struct {
		what string
		do   func(b *bench)
		want State
	}{
		{"a good one", ok, Request},
		{"all of it", func(b *bench) { ok(b); b.m.Write(availAt+2, size, 2) }, Request},
		{"more than there are", func(b *bench) { ok(b); b.m.Write(availAt+2, size+1, 2) }, Bad},
		{"an index that went back", func(b *bench) { ok(b); b.m.Write(availAt+2, 0xffff, 2) }, Bad},
		{"a head beyond the table", func(b *bench) { b.avail(0, size) }, Bad},
		{"a head far beyond", func(b *bench) { b.avail(0, 0xffff) }, Bad},
		{"a next beyond the table", func(b *bench) { ok(b); b.desc(0, dataAt, 16, descNext, size) }, Bad},
		{"a loop of one", func(b *bench) { ok(b); b.desc(0, dataAt, 16, descNext, 0) }, Bad},
		{"a loop of two", func(b *bench) {
			ok(b)
			b.desc(0, dataAt, 16, descNext, 1)
			b.desc(1, dataAt, 16, descNext, 0)
		}, Bad},
		{"a loop of nothing", func(b *bench) { ok(b); b.desc(0, dataAt, 0, descNext, 0) }, Bad},
		{"an indirect table", func(b *bench) { ok(b); b.desc(0, dataAt, 16, descIndirect, 0) }, Bad},
		{"to be read after to be written", func(b *bench) {
			ok(b)
			b.desc(0, dataAt, 16, descNext|descWrite, 1)
			b.desc(1, dataAt, 16, 0, 0)
		}, Bad},
		{"no bytes", func(b *bench) { ok(b); b.desc(0, dataAt, 0, 0, 0) }, Request},
		{"no bytes from nowhere", func(b *bench) { ok(b); b.desc(0, ^uint64(0), 0, 0, 0) }, Request},
		{"to the end of memory", func(b *bench) { ok(b); b.desc(0, top-16, 16, 0, 0) }, Request},
		{"beyond the end of memory", func(b *bench) { ok(b); b.desc(0, top-16, 17, 0, 0) }, Bad},
		{"outside memory", func(b *bench) { ok(b); b.desc(0, 0xfee00000, 1, 0, 0) }, Bad},
		{"around the end of all addresses", func(b *bench) { ok(b); b.desc(0, ^uint64(15), 32, 0, 0) }, Bad},
		{"the most bytes", func(b *bench) { ok(b); b.desc(0, 0, MaxBytes, 0, 0) }, Request},
		{"too many bytes", func(b *bench) { ok(b); b.desc(0, 0, MaxBytes+1, 0, 0) }, Bad},
		{"4 GiB", func(b *bench) { ok(b); b.desc(0, 0, 0xffffffff, 0, 0) }, Bad},
		{"too many bytes in parts", func(b *bench) {
			ok(b)
			b.desc(0, 0, MaxBytes, descNext, 1)
			b.desc(1, 0, 1, 0, 0)
		}, Bad},
		{"descriptors where there is no memory", func(b *bench) { ok(b); b.d.Queue[0].Desc = top }, Bad},
		{"a table that ends with memory", func(b *bench) { b.d.Queue[0].Desc = top - 16; b.avail(0, 1) }, Bad},
		{"a table at the end of all addresses", func(b *bench) { b.d.Queue[0].Desc = ^uint64(15); b.avail(0, 0) }, Bad},
		{"requests where there is no memory", func(b *bench) { ok(b); b.d.Queue[0].Avail = top }, Bad},
		{"requests at the end of all addresses", func(b *bench) { ok(b); b.d.Queue[0].Avail = ^uint64(3) }, Bad},
	} {
		b := live(t)
		c.do(b)
		assert.Equal(t, c.want, b.peek(), c.what)
	}
	b := live(t)
	b.d.Queue[0].Used = top
	b.d.Queue[0].Answer(&b.l, 0, 0)
	b.l.Apply()
	assert.False(t, b.d.Queue[0].Push(&b.m, 0, 0), "answers where there is no memory")
	assert.False(t, b.d.Queue[0].Publish(&b.m))
}

func TestLongChain(t *testing.T) {
	b := newBench(t)
	b.d.Init(Block, 0, 64)
	b.negotiate()
	b.queue()
	b.w(regQueueReady, 0)
	b.w(regQueueSize, 64)
	b.w(regQueueReady, 1)
	chain := func(n uint64) State {
		for i := range n {
			b.desc(i, dataAt, 1, descNext, i+1)
		}
		b.desc(n-1, dataAt, 1, 0, 0)
		b.m.Write(availAt+2, 1, 2)
		return b.peek()
	}
	assert.Equal(t, Request, chain(MaxSegs))
	assert.EqualValues(t, MaxSegs, b.c.N)
	assert.Equal(t, Bad, chain(MaxSegs+1))
}

// TestChangeUnderRead lets the guest change everything after a request was
// copied: what was checked is what is used.
func TestChangeUnderRead(t *testing.T) {
	b := live(t)
	b.desc(0, dataAt, 8, descNext, 1)
	b.desc(1, dataAt+0x1000, 8, descWrite, 0)
	b.avail(0, 0)
	b.m.Write(dataAt, 0x1122334455667788, 8)
	require.Equal(t, Request, b.peek())
	b.desc(0, 0xfee00000, 0xffffffff, descIndirect, 9)
	b.desc(1, 0xfee00000, 0xffffffff, descIndirect, 9)
	b.avail(0, 0xffff)
	assert.EqualValues(t, 8, b.c.Get(&b.m, at(0x50000), 0, 100))
	got, _ := b.m.Read(0x50000, 8)
	assert.EqualValues(t, 0x1122334455667788, got)
	assert.EqualValues(t, 8, b.c.Put(&b.m, 0, at(0x50000), 100))
	got, _ = b.m.Read(dataAt+0x1000, 8)
	assert.EqualValues(t, 0x1122334455667788, got)
	b.m = ram.RAM{} // and even its memory may go
	assert.Zero(t, b.c.Get(&b.m, at(0x50000), 0, 8))
	assert.Zero(t, b.c.Put(&b.m, 0, at(0x50000), 8))
	assert.False(t, b.c.PutByte(&b.m, 0, 1))
	_, ok := b.c.GetWord(&b.m, 0, 8)
	assert.False(t, ok)
}

func TestChainCopies(t *testing.T) {
	b := live(t)
	for i, s := range []Segment{{dataAt, 3}, {dataAt + 0x100, 0}, {dataAt + 0x200, 7}} {
		b.desc(uint64(i), s.Addr, s.Len, descNext, uint64(i)+1)
	}
	for i, s := range []Segment{{2*mib - 2, 6}, {dataAt + 0x400, 0}, {dataAt + 0x500, 20}} {
		b.desc(uint64(3+i), s.Addr, s.Len, descNext|descWrite, uint64(4+i))
	}
	b.desc(5, dataAt+0x500, 20, descWrite, 0)
	b.avail(0, 0)
	require.Equal(t, Request, b.peek())
	for i := range uint64(10) {
		gpa := dataAt + i
		if i >= 3 {
			gpa = dataAt + 0x200 + i - 3
		}
		b.m.Write(gpa, 'a'+i, 1)
	}
	val, ok := b.c.GetWord(&b.m, 1, 4)
	assert.True(t, ok)
	assert.EqualValues(t, 'b'|'c'<<8|'d'<<16|'e'<<24, val)
	_, ok = b.c.GetWord(&b.m, 3, 8)
	assert.False(t, ok, "it ends before")
	assert.EqualValues(t, 8, Move(&b.m, &b.c, 1, &b.m, &b.c, 2, 100), "what is left from the third byte on")
	out, _ := b.m.Read(2*mib-1, 1)
	low, _ := b.m.Read(2*mib, 4)
	rest, _ := b.m.Read(dataAt+0x500, 2)
	assert.EqualValues(t, 'c', out)
	assert.EqualValues(t, 'd'|'e'<<8|'f'<<16|'g'<<24, low)
	assert.EqualValues(t, 'h'|'i'<<8, rest)
	assert.True(t, b.c.PutByte(&b.m, 25, 'z'))
	last, _ := b.m.Read(dataAt+0x500+19, 1)
	assert.EqualValues(t, 'z', last)
	assert.False(t, b.c.PutByte(&b.m, 26, 'z'))
	assert.Zero(t, b.c.Put(&b.m, 26, at(0), 1))
}
