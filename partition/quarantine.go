package partition

import "sync/atomic"

// Rung 3 stops one partition, so that the others go on.

// quarantine stops p because its steady words are damaged and have no twin. Of what
// they said, that much is made good as destroying it needs: who it is, and which
// VPs are its own. Root cannot be spared.
func (p *Partition) quarantine() {
	i := p.slot()
	if i == 0 || !p.made() {
		return
	}
	if s := p.steady(); s.now() != p.Identity {
		p.FirstVP, p.VPs = p.claimed()
	}
	if p.ID = i; p.Kind != Service {
		p.Kind = Guest
	}
	for k := range p.VPs {
		v := p.VP(k)
		v.Part, v.ID = i, k
		v.seal()
	}
	p.seal()
	p.Why, p.WhyVP, p.WhyExit, p.State = WhyDamaged, 0, 0, Stopped
	p.Halts++
	for k := range p.VPs {
		p.VP(k).raise(EvStop)
	}
	atomic.OrUint64(&tab.Host.Work, WorkReport)
}

// claimed returns which VPs say, undamaged, that they are p's.
func (p *Partition) claimed() (first, n uint64) {
	for i := range tab.VPs {
		v := &tab.VPs[i]
		if s := v.steady(); v.State == VPNone || v.Part != p.slot() || s.now() != v.Identity {
			continue
		}
		first = uint64(i) - v.ID
		n = max(n, v.ID+1)
	}
	return first, n
}
