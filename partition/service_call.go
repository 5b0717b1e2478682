package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// How long a candidate may be silent, in seconds: while it runs, and at all, since
// others may want the processors more.
const (
	silentSeconds = 10
	aliveSeconds  = 300
)

// service answers CallService. Only the candidate of the restart under way is
// heard: a call that makes no sense ends it.
func (b *buffer) service(c *Call) (n, second uint64, err abi.Errno) {
	a := &c.Args
	r := b.w.p.restart()
	if r.Service != b.w.p.ID || r.Phase() < abi.PhaseBoot || r.Phase() >= abi.PhaseReady || r.Ends != 0 {
		b.stays = true
		return 0, 0, 0
	}
	r.Alive(aliveSeconds)
	r.Sign = r.Ran()
	switch abi.ServiceOp(a[0]) {
	case abi.ServiceStage:
		r.Done, r.Of = a[1]>>32, a[1]&0xffffffff
	case abi.ServiceSeat:
		b.stays = true
		if !r.within(a[1], addr.PageSize) || a[1]%addr.PageSize != 0 {
			r.End(abi.PhaseFailed, "the candidate's seat is not in its home")
			break
		}
		r.Seat = a[1]
		b.w.p.hold(HoldPause | HoldDrop) // it never runs again as a guest
	case abi.ServiceRefuse:
		if b.stays = a[1] == 0; b.stays {
			r.End(abi.PhaseFailed, "it refuses: "+abi.Text(r.Why[:]))
			break
		}
		for w := a[1]; w != 0 && r.WhyN < uint64(len(r.Why)); w >>= 8 {
			r.Why[r.WhyN] = byte(w)
			r.WhyN++
		}
	case abi.ServiceSay, abi.ServiceLayout, abi.ServiceShow:
		var why string
		if op := abi.ServiceOp(a[0]); op == abi.ServiceSay {
			why = r.said(a[1], a[2])
		} else {
			n, why = r.answer(op)
		}
		if b.stays = why != ""; b.stays {
			r.End(abi.PhaseFailed, why)
		}
	default:
		r.End(abi.PhaseFailed, "the candidate asked for what there is not")
		b.stays = true
	}
	r.Again()
	return n, a[2], 0
}

// within reports whether n bytes at a lie in the candidate's home.
func (r *Restart) within(a, n uint64) bool {
	return r.Home != 0 && a >= r.Home && n <= homeSize && a-r.Home <= homeSize-n
}

// Silent reports whether the candidate has run for long without a sign of life.
func (r *Restart) Silent() bool { return r.Ran()-r.Sign > silentSeconds*tab.Host.TSCHz }

// Ran returns the TSC ticks that the candidate has run for.
func (r *Restart) Ran() (n uint64) {
	if p := r.Partition(); p != nil {
		now := x86.RDTSC()
		for i := range p.VPs {
			v := p.VP(i)
			v.charge(now, now)
			n += v.Ran
		}
	}
	return n
}
