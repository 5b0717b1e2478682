package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// guest returns the guest with an id.
func guest(id uint64) (*Partition, abi.Errno) {
	p := find(id)
	switch {
	case p == nil:
		return nil, abi.ErrNone
	case p.Kind != Guest:
		return nil, abi.ErrRights
	}
	return p, 0
}

// control answers CallControl.
func control(id uint64, op abi.Op) (uint64, abi.Errno) {
	p, err := guest(id)
	if err != 0 {
		if op == abi.OpDestroy && err == abi.ErrNone && id < MaxPartitions {
			return 0, 0 // it is gone already
		}
		return 0, err
	}
	kernel.Enter(abi.Section(abi.CallControl, uint64(op)) | abi.Commits)
	if err := p.operate(op); err != 0 {
		return 0, err
	}
	return uint64(p.state()), 0
}

// operate does an operation if p's state allows it.
func (p *Partition) operate(op abi.Op) abi.Errno {
	switch op {
	case abi.OpStart:
		return p.start()
	case abi.OpPause:
		return p.pause()
	case abi.OpResume:
		return p.resume()
	case abi.OpButton:
		if p.State != Running && p.State != Paused {
			return abi.ErrState
		}
		p.VP(0).raise(EvButton)
		return 0
	case abi.OpStop:
		return p.halt()
	case abi.OpReset:
		return p.again()
	case abi.OpDestroy:
		p.State = Destroying
		p.begins(JobDestroy)
		return 0
	}
	return abi.ErrArgument
}

// start lets a created partition's first processor begin. EvStart stays until that has:
// a call that was cut short is done from there on.
func (p *Partition) start() abi.Errno {
	v := p.VP(0)
	switch {
	case p.State == Running && (v.State != VPStopped || atomic.LoadUint64(&v.Events)&EvStart == 0):
		p.tell()
		return 0
	case p.State == Running:
	case p.State != Created || p.Loaded == 0 || p.Job != JobNone:
		return abi.ErrState
	default:
		v.Entry = p.Entry
		p.Started = x86.RDTSC()
		atomic.OrUint64(&v.Events, EvStart)
		p.State = Running
	}
	v.State = VPRun
	v.raise(EvStart)
	p.tell()
	return 0
}

// pause takes p's processors from it. It is answered when the last of them has
// stopped.
func (p *Partition) pause() abi.Errno {
	if p.State != Running && p.State != Paused {
		return abi.ErrState
	}
	p.hold(HoldPause)
	p.State = Paused
	for i := range p.VPs {
		if atomic.LoadUint64(&p.VP(i).Running) != 0 {
			return abi.ErrBusy
		}
	}
	p.tell()
	return 0
}

// hold keeps processors from running p, and has those look that do.
func (p *Partition) hold(bits uint64) {
	atomic.OrUint64(&p.Hold, bits)
	for i := range p.VPs {
		p.VP(i).raise(EvHold)
	}
}

// resume gives p's processors back. Every device of p's is looked at once, and
// interrupts once, so that nothing waits for a kick that was lost. One that runs may have
// been given back by half.
func (p *Partition) resume() abi.Errno {
	if p.State != Paused && p.State != Running {
		return abi.ErrState
	}
	p.State = Running
	atomic.AndUint64(&p.Hold, ^uint64(HoldPause))
	for i := range p.VPs {
		p.VP(i).raise(EvIntr)
	}
	p.VP(0).raise(EvKick)
	p.tell()
	return 0
}

// halt switches p off at once.
func (p *Partition) halt() abi.Errno {
	switch p.State {
	case Off, Stopped:
		p.tell() // the call that did it may have been cut short
		return 0
	case Again: // it stays off; why it ended is not forgotten
		p.State = Off
		p.tell()
		return 0
	case Running, Paused:
		p.hold(HoldPause)
		p.Why, p.Reported = WhyCommand, 1
		p.Halts++
		p.State = Off
		console.Say(console.Info).Str("partition ").Bytes(name(p)).Str(" switched off by command").End()
		p.tell()
		return 0
	}
	return abi.ErrState
}

// again makes p as it was when it had just been created.
func (p *Partition) again() abi.Errno {
	switch {
	case p.State == Creating && p.Job != JobCreate: // perhaps cut short before
		p.begins(JobReset)
		return 0
	case p.State == Created && p.Loaded == 0:
		return 0
	case p.State == Off, p.State == Again, p.State == Stopped && p.Errno == 0, p.State == Created:
		p.State = Creating
		p.begins(JobReset)
		return 0
	}
	return abi.ErrState
}

// set answers CallSet.
func (p *Partition) set(what abi.Property, val uint64) abi.Errno {
	switch {
	case what == abi.SetWeight && val >= 1 && val <= abi.MaxWeight:
		p.weigh(val, p.Config.CPUs)
		p.Config.Weight = uint32(val)
	case what == abi.SetCPUs && (val == 0 || val&tab.Host.processors() != 0):
		p.weigh(uint64(p.Config.Weight), val)
		p.Config.CPUs = val
	default:
		return abi.ErrArgument
	}
	if p.made() {
		p.seal()
	}
	return 0
}
