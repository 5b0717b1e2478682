package console

// Escape is the key, Ctrl-a, that pressed three times gives the input to the
// other side. One or two of them go where the input goes, with the next key.
const (
	Escape  = 0x01
	escapes = 3
)

// What the hypervisor's own keys do beyond this package; nil: nothing. They are
// called from Serve, and log what they have to say.
var (
	OnList     func() // processors and partitions
	OnCounters func() // exits and interrupts, counted
)

// key takes one typed byte.
//
//go:nosplit
func (s *State) key(b byte) {
	if b == Escape {
		if s.Escapes++; s.Escapes == escapes {
			s.Escapes = 0
			s.Focus ^= focusOurs
			s.typed(0)
		}
		return
	}
	for ; s.Escapes > 0; s.Escapes-- {
		s.typed(Escape)
	}
	s.typed(b)
}

// typed hands a byte to the side that has the input. 0 is the hypervisor's word
// to itself that the input has changed sides.
//
//go:nosplit
func (s *State) typed(b byte) {
	if s.Focus == focusOurs || b == 0 {
		if n := uint64(len(s.Keys)); s.KeyTail-s.KeyHead < n {
			s.Keys[s.KeyTail%n] = b
			s.KeyTail++
		}
		return
	}
	if s.InTail-s.InHead < inSize {
		s.In[s.InTail%inSize] = b
		s.InTail++
	}
}

// Typed reports whether Serve has something to do.
//
//go:nosplit
func Typed() bool { s := state; return s.KeyHead != s.KeyTail }

// Serve answers the keys that were typed for the hypervisor. It is for a control
// goroutine: the hooks may do what they like.
func Serve() {
	for Typed() {
		s := lock()
		b := s.Keys[s.KeyHead%uint64(len(s.Keys))]
		s.KeyHead++
		ours := s.Focus == focusOurs
		unlock()
		answer(b, ours)
	}
}

// answer does what a key asks for.
func answer(b byte, ours bool) {
	switch {
	case b == 0 && ours:
		Say(Note).Str("input goes to the hypervisor; h: help, Ctrl-a three times: back to root").End()
	case b == 0:
		Say(Note).Str("input goes to root").End()
	case b == 'l' && OnList != nil:
		OnList()
	case b == 'c' && OnCounters != nil:
		OnCounters()
	case b == 'h' || b == '?':
		Say(Note).Str("h: this help").End()
		Say(Note).Str("l: list processors and partitions").End()
		Say(Note).Str("c: show counters").End()
		Say(Note).Str("Ctrl-a three times: input to root and back").End()
	case b == '\r' || b == '\n':
	default:
		Say(Note).Str("no such key; h: help").End()
	}
}
