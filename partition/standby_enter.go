package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
)

// The first processor that comes out of a failed instance takes over what that one
// left; the others wait until it has. Both words are volatile: after a reset in the
// middle it is done once more.
var inheriting struct{ begun, done atomic.Bool }

// entered reports whether this instance was the standby, and has not yet said that
// it goes on.
func (s *Standby) entered() bool {
	return (s.State == StandbyReady || s.State == StandbyTaken) && s.Home == uint64(kernel.Boot().Home)
}

// TakeOver makes this instance the one that has the machine, if it was the standby
// and the other one has failed. It comes before anything is repaired.
func TakeOver() {
	s, h := &tab.Host.Standby, tab.Host
	if !s.entered() {
		return
	}
	for !inheriting.done.Load() {
		if !inheriting.begun.Swap(true) {
			s.inherit()
			inheriting.done.Store(true)
		}
		x86.PAUSE()
	}
	atomic.AddUint64(&h.Instance, 1) // no VMCS leads here but those that are written anew
	atomic.OrUint64(&s.Here, this().bit())
}

// inherit takes over the account of the failure, and looks at all records. What it
// finds is no reason not to go on: there is nobody else.
func (s *Standby) inherit() {
	if s.State != StandbyReady {
		return
	}
	kernel.Inherit(addr.HPA(s.Crash))
	r := &tab.Host.Recovery
	r.Base, r.Mended, r.Scrub = r.Last+1-kernel.Epoch(), kernel.Mended(), 0
	k := kept.Check()
	checkIdentities(&k)
	m := mm.Check()
	if s.Wrong = k.Wrong + m.Wrong; s.Wrong != 0 {
		console.Say(console.Err).Str("standby: ").Dec(s.Wrong).Str(" records are damaged").End()
	}
	s.Here, s.Watch = 0, 1
	s.State = StandbyTaken
	console.Say(console.Warn).Str("microreboot: the instance in home ").Hex(s.Home).Str(" goes on for the one in ").Hex(s.From).End()
}
