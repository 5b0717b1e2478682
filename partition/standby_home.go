package partition

import (
	"perdure/mm"
	"perdure/mm/addr"
)

// A standby and the candidate of a hot restart have the same home, one after the
// other: there are never more than two, and free memory is what it was.

// claimHome makes a home p's, or finds that it has one. It reports false as long as
// somebody else has it who will go.
func (p *Partition) claimHome() (bool, error) {
	s, r := &tab.Host.Standby, p.restart()
	own := r == &s.Make
	if !own && !s.settled() {
		return false, nil
	}
	if p.Pieces == 0 {
		at := addr.HPA(s.Home)
		if at == 0 {
			var err error
			if at, err = mm.AllocBelow(1<<32, homeSize, page2M, mm.Partition(p.ID)); err != nil {
				return false, err
			}
		}
		p.Piece[0] = Piece{GPA: uint64(at), HPA: uint64(at), Size: homeSize}
		p.Pieces = 1
	}
	if at := p.Piece[0].HPA; at == s.Home {
		if err := mm.Pass(addr.HPA(at), homeSize, mm.Home, mm.Partition(p.ID)); err != nil {
			return false, err
		}
		if !own {
			s.Home = 0
		}
	}
	return true, nil
}

// returnHome gives the standby's home back to it, as p is destroyed, unless an
// instance goes on in it.
func (p *Partition) returnHome() error {
	s := &tab.Host.Standby
	if p.Kind != Service || p.Pieces == 0 || s.State == StandbyNone {
		return nil
	}
	at := addr.HPA(p.Piece[0].HPA)
	o, ok := mm.OwnerOf(at.Frame())
	if !ok || o != mm.Partition(p.ID) || s.Home != 0 && s.Home != uint64(at) {
		return nil
	}
	s.Home = uint64(at)
	return mm.Pass(at, homeSize, mm.Partition(p.ID), mm.Home)
}

// lent returns what the making of a standby has of free memory, which will be free
// again.
func (s *Standby) lent() uint64 {
	p := s.Make.Partition()
	if p == nil {
		return 0
	}
	n := mm.Totals()[mm.Partition(p.ID)]
	if o, ok := mm.OwnerOf(addr.HPA(s.Home).Frame()); ok && o == mm.Partition(p.ID) {
		n -= homeSize
	}
	return n
}

// takeHome makes the old home the standby's, after a hot restart. It reports false if
// nobody wants it.
func (s *Standby) takeHome(old addr.HPA) bool {
	if s.State == StandbyNone || s.Home != 0 && s.Home != uint64(old) {
		return false
	}
	s.Home = uint64(old)
	return true
}
