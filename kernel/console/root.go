package console

// rootLimit is how many queued bytes make root wait; logLimit how many make the
// log wait. Between them and outSize is room for what is not asked.
const (
	rootLimit = outSize / 4
	logLimit  = outSize / 2
)

// Put sends one byte of root's. It never waits: see Room.
//
//go:nosplit
func Put(b byte) {
	s := lock()
	idle := s.OutTail == s.OutHead
	s.put(b)
	if b == '\n' {
		s.Column = 0
	} else {
		if c := s.Column; c < lineSize {
			s.Line[c] = b
		}
		s.Column++
	}
	s.show(0)
	if idle {
		s.pump()
	}
	unlock()
}

// Room reports whether root may send a FIFO's worth of bytes.
//
//go:nosplit
func Room() bool {
	s := state
	return s.OutTail-s.OutHead < rootLimit
}

// Input returns the next byte that was typed for root, and leaves it there.
//
//go:nosplit
func Input() (b byte, ok bool) {
	s := state
	if s.InHead == s.InTail {
		return 0, false
	}
	return s.In[s.InHead%inSize], true
}

// Taken drops the byte that Input returned: root has it.
//
//go:nosplit
func Taken() {
	if s := state; s.InHead != s.InTail {
		s.InHead++
	}
}
