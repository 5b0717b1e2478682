//go:build !metal

package virtio

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition/ram"
	"perdure/partition/tx"
)

// Where a test's guest has its queue and its data; its memory ends at top.
const (
	mib      = 1 << 20
	size     = 8
	descAt   = 0x1000
	availAt  = 0x2002
	usedAt   = 0x3004
	dataAt   = 0x10000
	top      = 4 * mib
	features = 1 << 5
)

// bench is a device with a queue, the guest's memory, and a driver's view of both.
type bench struct {
	t testing.TB
	d Device
	l tx.Log
	m ram.RAM
	c Chain
}

// newBench makes a machine in which a guest's memory lies together up to 2 MiB and
// page by page above.
func newBench(t testing.TB) *bench {
	t.Helper()
	require.NoError(t, phys.Fake(16*mib))
	require.NoError(t, kept.Start(0, mib))
	e, err := ept.New(1)
	require.NoError(t, err)
	require.NoError(t, e.Map(0, 8*mib, top, ept.RWX, ept.WB))
	b := &bench{t: t, m: ram.RAM{EPTP: e.Pointer(), Size: 2 * mib, Delta: 8 * mib}}
	b.d.Init(Block, features, size)
	return b
}

func (b *bench) w(off, val uint32) Effect {
	e := b.d.Write(&b.l, off, 4, uint64(val))
	require.LessOrEqual(b.t, b.l.N, uint64(4), "entries of one access")
	b.l.Apply()
	if b.d.Kick&KickReset != 0 {
		b.d.Reset()
	}
	return e
}

func (b *bench) r(off uint32) uint32 { return uint32(b.d.Read(off, 4)) }

// negotiate does what drivers do before they set up queues.
func (b *bench) negotiate() {
	b.w(regStatus, 0)
	b.w(regStatus, StatusAcknowledge|StatusDriver)
	b.w(regDrvSel, 1)
	b.w(regAccepted, 1)
	b.w(regStatus, StatusAcknowledge|StatusDriver|StatusFeaturesOK)
}

// queue sets up queue 0.
func (b *bench) queue() {
	b.w(regQSel, 0)
	b.w(regQueueSize, size)
	b.w(regDesc, descAt)
	b.w(regAvail, availAt)
	b.w(regUsed, usedAt)
	b.w(regQueueReady, 1)
}

// live is a device that its driver is ready for.
func live(t testing.TB) *bench {
	b := newBench(t)
	b.negotiate()
	b.queue()
	b.w(regStatus, statusDriver&^StatusFailed)
	require.True(t, b.d.Live())
	b.d.Kick = 0
	return b
}

// desc writes a descriptor, avail makes a chain available as request n.
func (b *bench) desc(i, at, n, flags, next uint64) {
	b.m.Write(descAt+16*i, at, 8)
	b.m.Write(descAt+16*i+8, n|flags<<32|next<<48, 8)
}

func (b *bench) avail(n, head uint64) {
	b.m.Write(availAt+4+2*(n%size), head, 2)
	b.m.Write(availAt+2, n+1, 2)
}

func (b *bench) used(i uint64) (head, n, index uint64) {
	head, _ = b.m.Read(usedAt+4+8*(i%size), 4)
	n, _ = b.m.Read(usedAt+8+8*(i%size), 4)
	index, _ = b.m.Read(usedAt+2, 2)
	return
}

func (b *bench) peek() State { return b.d.Queue[0].Peek(&b.m, &b.c) }

func at(gpa uint64) addr.HVA { return addr.HVA(uintptr(phys.At(addr.HPA(gpa + 8*mib)))) }
