//go:build !metal

package net

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm/kept"
	"perdure/mm/phys"
)

// move is something that the switch does and may be cut off in.
type move struct {
	prepare func(w *world)
	do      func(w *world)
	refused uint64              // frames of two
	to      map[uint64][]string // what each guest is to get
	after   func(w *world)      // before it goes on after a crash
}

const (
	cpu       = 1
	text      = "a frame that goes from here to there"
	afterwork = 100 // time at which it goes on
)

var (
	one  = string(frame(mac(1), mac(0), text))
	all  = string(frame(everyone, mac(0), text+" and elsewhere"))
	next = string(frame(mac(1), mac(0), "and another one"))
)

func send(w *world) { w.Switch.Send(0, cpu, 1) }

// moves are by the names of tests.
var moves = map[string]move{
	"ToOne": {
		prepare: func(w *world) {
			w.post(1, 0, 4)
			w.transmit(0, 0, []byte(one))
			w.transmit(0, 1, []byte(next))
		},
		do: send, to: map[uint64][]string{1: {one, next}},
	},
	"ToAll": {
		prepare: func(w *world) {
			for i := range uint64(guests) {
				w.post(i, 0, 4)
			}
			w.transmit(0, 0, []byte(all))
			w.transmit(0, 1, []byte(one))
		},
		do: send, to: map[uint64][]string{1: {all, one}, 2: {all}, 3: {all}},
	},
	"ToOneThatIsFull": {
		prepare: func(w *world) {
			w.post(2, 0, 4)
			w.post(3, 0, 4)
			w.transmit(0, 0, []byte(all))
			w.transmit(0, 1, []byte(one))
		},
		do: send, to: map[uint64][]string{1: {all, one}, 2: {all}, 3: {all}},
		after: func(w *world) { w.post(1, 0, 4) },
	},
	"ToOneThatHasRoomAgain": {
		prepare: func(w *world) {
			w.post(2, 0, 4)
			w.post(3, 0, 4)
			w.transmit(0, 0, []byte(all))
			w.transmit(0, 1, []byte(one))
			send(w)
			w.post(1, 0, 4)
		},
		do: func(w *world) {
			w.Switch.Refill(1)
			send(w)
		},
		to: map[uint64][]string{1: {all, one}, 2: {all}, 3: {all}},
	},
	"Refused": {
		prepare: func(w *world) {
			w.post(1, 0, 4)
			w.transmit(0, 0, frame(mac(1), mac(2), "not its own address"))
			w.transmit(0, 1, []byte(one))
		},
		do: send, refused: 1, to: map[uint64][]string{1: {one}},
	},
}

func TestCrashToOne(t *testing.T)                 { crash(t, "ToOne") }
func TestCrashToAll(t *testing.T)                 { crash(t, "ToAll") }
func TestCrashToOneThatIsFull(t *testing.T)       { crash(t, "ToOneThatIsFull") }
func TestCrashToOneThatHasRoomAgain(t *testing.T) { crash(t, "ToOneThatHasRoomAgain") }
func TestCrashRefused(t *testing.T)               { crash(t, "Refused") }

// crash cuts a move off at each of its instructions. What it leaves is repaired,
// and the move done again: every guest has got every frame once, in order, and
// every buffer comes back to its sender once.
func crash(t *testing.T, name string) {
	m := moves[name]
	var left [][]byte
	instructions, changes := step(t, name, func(memory []byte) { left = append(left, memory) })
	for n, memory := range left {
		w := crashed(t, memory)
		seen := w.consume()
		w.Switch.Repair()
		if m.after != nil {
			m.after(w)
		}
		m.do(w)
		w.Switch.Send(0, cpu, afterwork)
		if !w.check(t, m, seen) {
			t.Fatalf("cut off at change %d of %d", n, changes)
		}
	}
	t.Logf("%d instructions, %d changes of memory", instructions, changes)
}

// crashed makes the world that a crash has left.
func crashed(t *testing.T, memory []byte) *world {
	require.NoError(t, phys.Fake(worldSize))
	copyTo(0, memory)
	require.NoError(t, kept.Attach(keptAt))
	list, err := kept.Table[world](kept.KindSwitch, 1)
	require.NoError(t, err)
	list[0].connect()
	return &list[0]
}

// consumed is what a guest's driver has seen before the repair.
type consumed struct {
	frames []string
	spent  []uint64 // buffers, which it uses for something else now
}

// consume has each driver take what it can see, and use the memory of the
// buffers for something else.
func (w *world) consume() (seen [guests]consumed) {
	for i := range uint64(guests) {
		seen[i].frames = w.received(i, 0)
		for _, a := range w.answers(i, QueueReceive, 0) {
			seen[i].spent = append(seen[i].spent, a[0])
			b := w.bytes(i, buffer(QueueReceive, a[0]), bufferLen)
			for k := range b {
				b[k] = 0xa5
			}
		}
	}
	return seen
}

// check reports whether what the drivers have seen in all is what m should do.
func (w *world) check(t *testing.T, m move, seen [guests]consumed) bool {
	ok := true
	for i := range uint64(guests) {
		s := &seen[i]
		got := append(s.frames, w.received(i, uint64(len(s.frames)))...)
		ok = assert.Equal(t, m.to[i], got, "guest %d", i) && ok
		for _, n := range s.spent {
			for _, b := range w.bytes(i, buffer(QueueReceive, n), bufferLen) {
				if b != 0xa5 {
					return assert.Fail(t, "a buffer was written after it was given back", "guest %d", i)
				}
			}
		}
		p, q := &w.Switch.Port[i], &w.Device[i].Queue[QueueReceive]
		n := uint64(len(m.to[i]))
		ok = assert.Equal(t, []uint64{n, n, n, 0, 0, 0}, []uint64{p.RxFrames, q.Done, q.Next, p.Lock, p.Put.Busy, p.RxDropped}, "guest %d", i) && ok
	}
	ok = assert.Equal(t, [][2]uint64{{0, 0}, {1, 0}}, w.answers(0, QueueTransmit, 0), "the sender's buffers") && ok
	p, q := &w.Switch.Port[0], &w.Device[0].Queue[QueueTransmit]
	return assert.Equal(t, []uint64{2, 2, 0, 2 - m.refused}, []uint64{q.Done, q.Next, p.Sent.Busy, p.TxFrames}) && ok
}
