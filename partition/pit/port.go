package pit

import "perdure/partition/tx"

// Ports.
const (
	portCounter = 0x40
	portControl = 0x43
	portSpeaker = 0x61
)

// Bits of the control word and of port 0x61.
const (
	readBack       = 3 // as the counter: a read-back command
	backNoCount    = 0x20
	backNoStatus   = 0x10
	speakerGate    = 1
	speakerKeeps   = 0xf
	speakerRefresh = 1 << 4
	speakerOut     = 1 << 5
	refresh        = 18 // counts between two toggles of the refresh bit
)

// Has reports whether port is one of s's.
//
//go:nosplit
func Has(port uint16) bool { return port&^3 == portCounter || port == portSpeaker }

// Read reads a port.
//
//go:nosplit
func (s *State) Read(t *tx.Log, port uint16, now uint64) uint8 {
	switch {
	case port == portSpeaker:
		v := s.Speaker & speakerKeeps
		if s.counts(now)/refresh&1 != 0 {
			v |= speakerRefresh
		}
		if s.out(&s.Counter[2], now) {
			v |= speakerOut
		}
		return uint8(v)
	case port == portControl:
		return 0xff
	}
	c := &s.Counter[uint(port&3)%3]
	switch {
	case c.Status != 0:
		t.Set(&c.Status, 0)
		return uint8(c.Status)
	case c.Latch&latchLow != 0:
		rest := c.Latch &^ latchLow
		if rest&latchHigh == 0 {
			rest = 0
		}
		t.Set(&c.Latch, rest)
		return uint8(c.Latch)
	case c.Latch&latchHigh != 0:
		t.Set(&c.Latch, 0)
		return uint8(c.Latch >> 8)
	}
	n := s.count(c, now)
	high := c.Access == 2 || c.Access == 3 && c.High != 0
	if c.Access == 3 {
		t.Set(&c.High, c.High^1)
	}
	if high {
		return uint8(n >> 8)
	}
	return uint8(n)
}

// Write writes a port. It reports whether Deadline may have changed.
//
//go:nosplit
func (s *State) Write(t *tx.Log, port uint16, val uint8, now uint64) bool {
	v := uint64(val)
	switch port {
	case portSpeaker:
		t.Set(&s.Speaker, v&speakerKeeps)
		if (v^s.Speaker)&speakerGate != 0 {
			s.gate(t, &s.Counter[2], v&speakerGate != 0, now)
		}
		return false
	case portControl:
		return s.control(t, v, now)
	}
	i := uint(port&3) % 3
	c := &s.Counter[i]
	switch {
	case c.Access == 1:
	case c.Access == 2:
		v <<= 8
	case c.Low == 0:
		t.Set(&c.Low, pending|v)
		return false
	default:
		t.Set(&c.Low, 0)
		v = v<<8 | c.Low&0xff
	}
	return s.load(t, i, v, now)
}

// load gives a counter what it counts down from, which starts it.
//
//go:nosplit
func (s *State) load(t *tx.Log, i uint, v, now uint64) bool {
	c := &s.Counter[i%3]
	if c.BCD != 0 {
		v = min(v>>12*1000+v>>8&15*100+v>>4&15*10+v&15, 10000)
	}
	if v == 0 {
		v = full(c.BCD)
	}
	if v == 1 && (c.Mode == 2 || c.Mode == 3) {
		v = 2 // the data sheet allows no 1
	}
	t.Set(&c.Reload, v)
	t.Set(&c.Start, now)
	if i == 2 && s.Speaker&speakerGate == 0 {
		t.Set(&c.Frozen, 1)
	}
	if i != 0 {
		return false
	}
	t.Set(&s.Deadline, s.next(c.Mode, v, now, now))
	return true
}

// gate opens or closes a counter's gate.
//
//go:nosplit
func (s *State) gate(t *tx.Log, c *Counter, open bool, now uint64) {
	triggered := c.Mode == 1 || c.Mode == 5
	switch {
	case !open:
		if !triggered && c.Frozen == 0 {
			t.Set(&c.Frozen, 1+now-min(now, c.Start))
		}
	case triggered:
		t.Set(&c.Idle, 0)
		t.Set(&c.Start, now)
		t.Set(&c.Frozen, 0)
	case c.Mode == 2 || c.Mode == 3:
		t.Set(&c.Start, now)
		t.Set(&c.Frozen, 0)
	case c.Frozen != 0:
		t.Set(&c.Start, now-min(now, c.Frozen-1))
		t.Set(&c.Frozen, 0)
	}
}

// control writes the control word.
//
//go:nosplit
func (s *State) control(t *tx.Log, v, now uint64) bool {
	if v>>6 == readBack {
		for i := range s.Counter {
			if v>>(uint(i)+1)&1 == 0 {
				continue
			}
			c := &s.Counter[i]
			if v&backNoCount == 0 {
				s.latch(t, c, now)
			}
			if v&backNoStatus == 0 && c.Status == 0 {
				t.Set(&c.Status, pending|s.status(c, now))
			}
		}
		return false
	}
	c := &s.Counter[v>>6%3]
	access, mode := v>>4&3, v>>1&7
	if access == 0 {
		s.latch(t, c, now)
		return false
	}
	if mode > 5 {
		mode -= 4 // 6 and 7 are 2 and 3
	}
	t.Set(&c.Mode, mode)
	t.Set(&c.Access, access)
	t.Set(&c.BCD, v&1)
	t.Set(&c.Reload, 0)
	t.Set(&c.Idle, (mode&1)&^(mode>>1&1))
	t.Set(&c.Low, 0)
	t.Set(&c.High, 0)
	t.Set(&c.Latch, 0)
	t.Set(&c.Status, 0)
	t.Set(&c.Frozen, 0)
	if v>>6 != 0 {
		return false
	}
	t.Set(&s.Deadline, 0)
	return true
}

// latch holds what a counter shows until it is read.
//
//go:nosplit
func (s *State) latch(t *tx.Log, c *Counter, now uint64) {
	if c.Latch == 0 {
		t.Set(&c.Latch, s.count(c, now)|c.Access*latchLow)
	}
}

// status is a counter's status byte.
//
//go:nosplit
func (s *State) status(c *Counter, now uint64) uint64 {
	v := c.Access<<4 | c.Mode<<1 | c.BCD
	if c.Reload == 0 {
		v |= 1 << 6
	}
	if s.out(c, now) {
		v |= 1 << 7
	}
	return v
}
