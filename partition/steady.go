package partition

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/mm/kept"
)

// Health is what a look at a record's steady words finds.
type health uint64

const (
	whole health = iota
	mended
	lost
)

// Damage is what was found so far: a kept record.
type Damage struct {
	Mended uint64 // things put right from a copy
	Lost   uint64 // things that could not be
	At     uint64 // TSC value of the last one
	Told   uint64 // how many of them the log has
	Pages  uint64 // what kernel.Lost was then
}

// seal says that the words are right as they are.
//
//go:nosplit
func (s *steady) seal() {
	*s.sum = s.now()
	s.remember()
}

// remember makes the twin what the record is. Cut short, it is no twin.
//
//go:nosplit
func (s *steady) remember() {
	s.twin[0] = 0
	s.move(false)
	s.twin[0] = *s.sum
}

// twins reports whether there is a twin, and it is undamaged.
//
//go:nosplit
func (s *steady) twins() bool {
	sum := kept.Empty
	for _, w := range s.twin[1:] {
		sum = kept.Add(sum, w)
	}
	return s.twin[0] != 0 && s.twin[0] == sum
}

// mend compares the words with their checksum and puts right what can be: of
// record, checksum and twin, two must agree. It may be cut short and done again.
//
//go:nosplit
func (s *steady) mend() health {
	h := mended
	switch sum := s.now(); {
	case sum == *s.sum:
		if s.twin[0] != sum || !s.twins() {
			s.remember() // it is old, or that was damaged
		}
		return whole
	case !s.twins():
		h = lost
	case s.twin[0] == sum:
		*s.sum = sum
	case s.twin[0] == *s.sum:
		s.move(true)
	default:
		h = lost
	}
	noteDamage(h, 1)
	return h
}

// noteDamage counts what was found.
//
//go:nosplit
func noteDamage(h health, n uint64) {
	d := &tab.Host.Damage
	if h == mended {
		atomic.AddUint64(&d.Mended, n)
	} else {
		atomic.AddUint64(&d.Lost, n)
	}
	d.At = x86.RDTSC()
}

// seal says that the steady words of a record are right as they are.
func (h *Host) seal()      { s := h.steady(); s.seal() }
func (c *CPU) seal()       { s := c.steady(); s.seal() }
func (v *VP) seal()        { s := v.steady(); s.seal() }
func (p *Partition) seal() { s := p.steady(); s.seal() }

// made reports whether p's steady words are as they will stay.
//
//go:nosplit
func (p *Partition) made() bool {
	switch p.State {
	case Created, Running, Paused, Off, Again:
		return p.Identity != 0
	case Stopped:
		return p.Identity != 0 && p.Why != WhyNotMade
	}
	return false
}

// owner returns the partition that v belongs to, whatever v says.
//
//go:nosplit
func (v *VP) owner() *Partition {
	i := v.slot()
	for k := range tab.Partitions {
		if p := &tab.Partitions[k]; p.State != Free && i-p.FirstVP < p.VPs {
			return p
		}
	}
	return v.partition()
}

// mend looks at v's words and at those of its partition.
//
//go:nosplit
func (v *VP) mend() health {
	p := v.owner()
	if !p.made() || v.State == VPNone {
		return whole
	}
	s := p.steady()
	h := s.mend()
	if s = v.steady(); h != lost {
		h = max(h, s.mend())
	}
	return h
}

// mend looks at c's words and at the machine's.
//
//go:nosplit
func (c *CPU) mend() health {
	h := whole
	if tab.Host.Identity != 0 {
		s := tab.Host.steady()
		h = s.mend()
	}
	if c.Online == 1 {
		s := c.steady()
		h = max(h, s.mend())
	}
	return h
}

// right looks at v's own words before they are used, and reports whether they are
// right, or have been put right.
//
//go:nosplit
func (v *VP) right() bool {
	s := v.steady()
	return s.now() == v.Identity || farMend(v) != lost
}

// farMend, farMendCPU and farRight are mend and right, out of the linker's sight.
var (
	farMend    = (*VP).mend
	farMendCPU = (*CPU).mend
	farRight   = (*VP).right
)
