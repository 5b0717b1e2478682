package main

import (
	"encoding/binary"
	"sync"
)

const (
	idNet        = 1
	netMAC       = 1 << 5
	netStatus    = 1 << 16
	receiveQueue = 0
	sendQueue    = 1
)

// A wire joins two cards. Frames are copied from one guest's buffers to the
// other's by the thread that found both; there is no store between them.
type wire struct {
	sync.Mutex
	cards [2]*card
	segs  [2][]segment
}

// card is one guest's end of a wire.
type card struct {
	device
	wire *wire
	end  int
}

// plug makes a guest's card.
func (w *wire) plug(g *guest, end int) *device {
	c := &card{wire: w, end: end}
	config := []byte{0x52, 0x54, 0, 0x17, 0, byte(end + 1), 0, 0}
	binary.LittleEndian.PutUint16(config[6:], 1) // the link is up
	c.device = device{g: g, id: idNet, features: modern | netMAC | netStatus, config: config, notify: c.kick}
	w.Lock()
	defer w.Unlock()
	w.cards[end] = c
	return &c.device
}

// kick serves a queue: what was sent here, or what waits to be received here.
func (c *card) kick(queue int) {
	w := c.wire
	w.Lock()
	defer w.Unlock()
	from := c.end
	if queue == receiveQueue {
		from ^= 1
	}
	w.move(from)
}

// move carries frames from one end to the other while there are both.
func (w *wire) move(end int) {
	from, to := w.cards[end], w.cards[end^1]
	if from == nil || to == nil {
		return
	}
	tx, rx, moved := &from.queues[sendQueue], &to.queues[receiveQueue], false
	for {
		var head, buffer uint16
		var ok bool
		if head, w.segs[0], ok = tx.peek(from.g.mem, w.segs[0][:0]); !ok {
			break
		}
		if buffer, w.segs[1], ok = rx.peek(to.g.mem, w.segs[1][:0]); !ok {
			break
		}
		n := scatter(w.segs[1], w.segs[0])
		binary.LittleEndian.PutUint16(w.segs[1][0].bytes[10:], 1) // num_buffers
		rx.use(to.g.mem, buffer, n)
		tx.use(from.g.mem, head, 0)
		moved = true
	}
	if moved {
		to.done(rx)
		from.done(tx)
	}
}

// scatter copies from segments to segments and returns how much.
func scatter(to, from []segment) (n int) {
	var room []byte
	for _, f := range from {
		for b := f.bytes; len(b) > 0; {
			if len(room) == 0 {
				if len(to) == 0 {
					return n
				}
				room, to = to[0].bytes, to[1:]
			}
			k := copy(room, b)
			room, b, n = room[k:], b[k:], n+k
		}
	}
	return n
}
