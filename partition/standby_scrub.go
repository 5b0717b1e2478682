package partition

import (
	"encoding/binary"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
)

// While a standby waits, nobody writes to its home. The scrubber adds it up, a piece with
// every tick: what the first round found the others must find, or another standby is made.

// standbyPiece is how many bytes are looked at with a tick: of 40 MiB, all in four minutes.
const standbyPiece = 16 << 10

// standbyScrub is how far the present round is. A reset loses it: the round begins anew.
var standbyScrub struct{ seat, at, sum uint64 }

// scrub looks at a piece of the home of the standby, if it waits.
func (s *Standby) scrub() {
	r, known := &standbyScrub, kernel.Twins()[twinStandby:][:standbyTwin]
	if s.State != StandbyReady {
		return
	}
	if r.seat != s.Seat || r.at == homeSize {
		r.seat, r.at, r.sum = s.Seat, 0, kept.Empty
	}
	for b := mm.Bytes(addr.HPA(s.Home+r.at), standbyPiece); len(b) >= 8; b = b[8:] {
		r.sum = kept.Add(r.sum, binary.LittleEndian.Uint64(b))
	}
	if r.at += standbyPiece; r.at != homeSize {
		return
	}
	switch {
	case known[0] != s.Seat:
		known[0] = 0
		known[1] = r.sum
		known[0] = s.Seat
	case known[1] != r.sum:
		known[0] = 0
		noteDamage(mended, 1)
		s.withdraw()
		console.Say(console.Warn).Str("standby: it is damaged, and another one is made").End()
	}
}
