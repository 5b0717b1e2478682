package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// Standby is the second instance of this build, which stands at its seat in a home
// of its own: a kept record. It is made as the candidate of a hot restart is, by a
// service partition, from a copy of the file that the running instance came from;
// when it stands that partition goes, and what is left is memory that nobody writes.
// If the running instance fails for good, its last reset ends there.
//
// At rest: State says what there is. There are two homes for as long as it is not
// StandbyNone, and a hot restart that is under way may have the second one.
type Standby struct {
	State    uint64  // one of the below
	Home     uint64  // HPA of the home that it has, 0: a hot restart has it
	Seat     uint64  // HPA of its seat, once it is ready
	Image    uint64  // HPA of the file that it is made from
	Room     uint64  // bytes there
	Size     uint64  // of the file
	Start    uint64  // offset at which it is entered
	Sum      uint64  // of its words
	From     uint64  // HPA of the home of the instance that has the machine while it is ready
	Crash    uint64  // HPA of what that one leaves when it fails
	Here     uint64  // processors that have arrived in it, a bit each
	Wrong    uint64  // records that were damaged when it took over
	Attempts uint64  // that failed in a row
	Next     uint64  // TSC value before which there is no other one
	Watch    uint64  // 1: it is looked at with every tick
	Make     Restart // how far its making is
}

// States of a standby.
const (
	StandbyNone   uint64 = iota // nobody wants one
	StandbyWanted               // there is a home, perhaps, and nothing in it
	StandbyMade                 // it starts, in its service partition
	StandbyKept                 // it stands; its service partition goes
	StandbyReady                // it may be entered
	StandbyTaken                // it has been: it has the machine, and the other home is what Home was
)

// Facts about making one.
const (
	standbySeconds  = 60 // of a processor's time that it may use
	standbyAttempts = 3
	standbyPause    = 10 // seconds between two attempts
)

// restart returns the record of the restart that p serves, or of the standby's making.
func (p *Partition) restart() *Restart {
	if m := &tab.Host.Standby.Make; m.Service != 0 && m.Service == p.ID {
		return m
	}
	return Restarting()
}

// standby does the next step towards a standby.
func standby() {
	h := tab.Host
	s := &h.Standby
	if s.State == StandbyNone {
		return
	}
	r := &s.Make
	if restartsNow() {
		s.withdraw()
	}
	switch s.State {
	case StandbyWanted:
		if s.mayBegin() {
			s.begin()
		}
	case StandbyMade:
		r.echo()
		switch why := s.trouble(); {
		case r.Ends == 0 && why != "":
			r.End(abi.PhaseFailed, why)
		case r.Ends != 0:
			s.giveUp()
		case r.Stands():
			s.State = StandbyKept
			r.Again()
		}
	case StandbyKept:
		if mm.Pass(addr.HPA(s.Home), homeSize, mm.Partition(r.Service), mm.Home) != nil {
			return
		}
		if r.Drop(); r.Partition() == nil {
			s.arm()
		}
	case StandbyReady:
		s.Watch = 0
		kernel.Standby(addr.HPA(s.Seat)) // a reset may have come before it was said
		if kernel.Damaged() {
			kernel.Reboot(kernel.RebootDamage) // better now than at the next failure
		}
	case StandbyTaken:
		s.reclaim()
	}
}

// mayBegin reports whether a standby can be made now.
func (s *Standby) mayBegin() bool {
	return !restartsNow() && Restarting().Partition() == nil && s.Home != 0 && x86.RDTSC() >= s.Next && Lookup(0).State == Running
}

// begin makes the service partition that the standby starts in.
func (s *Standby) begin() {
	r := &s.Make
	*r = Restart{Report: abi.Restart{Size: s.Size}, Resets: tab.Host.Resets}
	dropServices()
	if s.sum() != s.Sum {
		s.failed("the image that it is made from is damaged")
		s.Next = never
		return
	}
	p, err := putService(0)
	if err != 0 {
		s.failed(err.Error())
		return
	}
	r.Service = p.ID
	s.State = StandbyMade
	r.Report.Phase = uint64(abi.PhaseBoot)
	r.Alive(aliveSeconds)
	at, e := mm.AllocLow(1<<32, s.Size, page2M, mm.Partition(p.ID))
	if e != nil {
		r.End(abi.PhaseFailed, "there is no memory for its image")
		return
	}
	r.Image = uint64(at)
	copyFrames(at, addr.HPA(s.Image), s.Size)
	r.Launch(s.Start)
}

// trouble says why the standby's start cannot go on.
func (s *Standby) trouble() string {
	r := &s.Make
	switch {
	case r.Partition() == nil || r.Entry == 0:
		return "its making was cut off"
	case r.Broken() != "":
		return "it has stopped: " + r.Broken()
	case r.Late() || r.Silent():
		return "it gave no sign of life"
	case r.Ran() > standbySeconds*r.Hz():
		return "it used up the time that it may run"
	}
	return ""
}

// giveUp lets go what the standby has, all but its home.
func (s *Standby) giveUp() {
	r := &s.Make
	if r.Drop(); r.Partition() != nil {
		return
	}
	if restartsNow() { // it was not its fault
		r.Service, s.State = 0, StandbyWanted
		return
	}
	s.failed(abi.Text(r.Report.Reason[:]))
}

// failed notes an attempt that came to nothing.
func (s *Standby) failed(why string) {
	s.Make.Service = 0
	s.State, s.Watch = StandbyWanted, 1
	if s.Attempts++; s.Attempts >= standbyAttempts {
		s.Next, s.Watch = never, 0
	} else {
		s.Next = x86.RDTSC() + standbyPause*tab.Host.TSCHz
	}
	console.Say(console.Warn).Str("standby: ").Str(why).End()
}

// arm has a failure of this instance that no reset makes good end in the standby.
func (s *Standby) arm() {
	r := &s.Make
	r.Service = 0
	if !r.Fits() {
		s.failed("its seat is not one that can be entered")
		return
	}
	s.Seat, s.From, s.Crash, s.Here, s.Attempts = r.Seat, uint64(kernel.Boot().Home), uint64(kernel.CrashPage()), 0, 0
	s.State, s.Watch = StandbyReady, 0
	kernel.Standby(addr.HPA(s.Seat))
	console.Say(console.Info).Str("standby: ready, home ").Hex(s.Home).End()
}

// withdraw takes the standby back, or its making, for a hot restart: its home is
// wanted, and what comes after it is another build.
func (s *Standby) withdraw() {
	switch s.State {
	case StandbyMade:
		s.Make.End(abi.PhaseFailed, "a hot restart begins")
	case StandbyReady:
		kernel.Standby(0)
		s.Seat, s.State, s.Watch = 0, StandbyWanted, 1
	}
}

// restartsNow reports whether a hot restart is under way.
func restartsNow() bool {
	p := Restarting().Phase()
	return p != abi.PhaseNone && !p.Over()
}

// settled reports whether nobody but a hot restart has or wants the standby's home.
func (s *Standby) settled() bool { return s.State == StandbyNone || s.State == StandbyWanted }

// ready reports whether there is one that can be entered.
func (s *Standby) ready() bool { return s.State == StandbyReady }

// reclaim makes the home of the instance that failed the one of the next standby,
// once every processor has left it.
func (s *Standby) reclaim() {
	if !gathered(atomic.LoadUint64(&s.Here)) {
		return
	}
	tab.Host.present()
	s.Home, s.Seat = s.From, 0
	s.State, s.Watch = StandbyWanted, 1
	Restarting().Again()
}
