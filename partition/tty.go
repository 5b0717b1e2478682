package partition

import (
	"perdure/mm/addr"
)

// TtySize is how many bytes of what a guest said are kept.
const TtySize = 64 << 10

// typedSize is how many typed bytes wait for a guest at most.
const typedSize = 256

// Tty is what the consoles of a guest share: what was said, and what was typed.
// A kept record; positions count bytes since the guest was created.
//
// At rest: Head is at most typedSize behind Tail, and Said covers only bytes that
// are in the ring.
type Tty struct {
	Ring  uint64 // HPA of TtySize bytes, 0: none
	Said  uint64 // position after the newest byte
	Voice uint64 // console that spoke last, and gets what is typed
	Head  uint64 // bytes that a console has taken
	Tail  uint64 // bytes that were typed
	Typed [typedSize / 8]uint64
}

// Consoles of a guest, values of Tty.Voice.
const (
	voiceSerial = iota
	voiceVirtio
)

// say keeps a byte that a console of p's sent. An exit that is done again may
// say it twice.
//
//go:nosplit
func (p *Partition) say(b byte, voice uint64) {
	t := &p.Tty
	if t.Ring == 0 {
		return
	}
	store8(addr.HPA(t.Ring+t.Said%TtySize), b)
	t.Said++
	t.Voice = voice
}

// typed returns the next typed byte if it is for that console.
//
//go:nosplit
func (p *Partition) typed(voice uint64) (b byte, ok bool) {
	t := &p.Tty
	if t.Head == t.Tail || t.Voice != voice {
		return 0, false
	}
	return t.typedAt(t.Head), true
}

// typedAt returns the typed byte at a position.
//
//go:nosplit
func (t *Tty) typedAt(at uint64) byte { return byte(t.Typed[at>>3&(typedSize/8-1)] >> (at & 7 * 8)) }

// took tells that the byte which typed returned has arrived.
//
//go:nosplit
func (p *Partition) took() { p.Tty.Head++ }

// typing adds a typed byte; false if there is no room.
//
//go:nosplit
func (p *Partition) typing(b byte) bool {
	t := &p.Tty
	if t.Tail-t.Head >= typedSize {
		return false
	}
	w := &t.Typed[t.Tail>>3&(typedSize/8-1)]
	shift := t.Tail & 7 * 8
	*w = *w&^(0xff<<shift) | uint64(b)<<shift
	t.Tail++
	return true
}

// feedSerial moves typed bytes to p's UART as far as it takes them. p is locked.
//
//go:nosplit
func (p *Partition) feedSerial() {
	for b, ok := p.typed(voiceSerial); ok; b, ok = p.typed(voiceSerial) {
		if !p.Serial.Receive(b) {
			return
		}
		p.took()
	}
}

// heard copies what p said from a position on into buf, and returns how much
// and the position after it. What the ring has lost is left out.
func (p *Partition) heard(from uint64, buf []byte) (n, next uint64) {
	t := &p.Tty
	end := t.Said
	if from > end || t.Ring == 0 {
		return 0, end
	}
	if end-from > TtySize {
		from = end - TtySize
	}
	n = min(end-from, uint64(len(buf)))
	for i := range n {
		buf[i] = load8(addr.HPA(t.Ring + (from+i)%TtySize))
	}
	return n, from + n
}
