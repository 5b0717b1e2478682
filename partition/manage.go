package partition

import (
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/partition/abi"
)

// create answers CallCreate.
func (b *buffer) create(at, size uint64) (uint64, uint64, abi.Errno) {
	c := &scratch.config
	if err := b.take(at, size, c); err != 0 {
		return 0, b.bad, err
	}
	if err := validConfig(c); err != 0 {
		return 0, 0, err
	}
	id, err := put(c)
	return id, 0, err
}

// put makes a record for the partition that c describes, which the control
// goroutine then makes. Asked again, it finds the same partition.
func put(c *abi.Config) (uint64, abi.Errno) {
	free := uint64(0)
	for i := uint64(1); i < MaxPartitions; i++ {
		p := &tab.Partitions[i]
		switch {
		case p.State == Free:
			if free == 0 {
				free = i
			}
		case p.Config.Token == c.Token && p.Name == c.Name:
			return i, 0
		case p.Name == c.Name:
			return 0, abi.ErrExists
		}
	}
	if abi.Text(c.Name[:]) == "root" {
		return 0, abi.ErrExists
	}
	first, ok := freeVPs(uint64(c.VPs))
	if free == 0 || !ok {
		return 0, abi.ErrSpace
	}
	if t := mm.Totals(); t[mm.Free] < c.Memory+diskMemory(c) {
		return 0, abi.ErrMemory
	}
	p := &tab.Partitions[free]
	clearRecord(p)
	p.Kind, p.ID, p.Name, p.Config = Guest, free, c.Name, *c
	p.FirstVP, p.VPs, p.Memory, p.Created = first, uint64(c.VPs), c.Memory, x86.RDTSC()
	p.weigh(uint64(c.Weight), c.CPUs)
	for i := range p.VPs { // taken, but nothing that runs
		p.VP(i).State = VPStopped
		p.VP(i).Part, p.VP(i).ID = p.ID, i
	}
	p.State = Creating
	p.begin(JobCreate)
	return free, 0
}

// freeVPs finds n virtual processors in a row that nobody has.
func freeVPs(n uint64) (first uint64, ok bool) {
	run := uint64(0)
	for i := range uint64(MaxVPs) {
		if tab.VPs[i].State != VPNone {
			run = 0
			continue
		}
		if run++; run == n {
			return i + 1 - n, true
		}
	}
	return 0, false
}

// forgetVPs makes p's virtual processors nobody's, with nothing left in them.
func (p *Partition) forgetVPs() {
	for i := range p.VPs {
		v := p.VP(i)
		tab.Areas[v.index()&(MaxVPs-1)] = x86.XArea{}
		p.homeless(v)
		*v = VP{}
	}
	n := tab.Host.VPs
	for n > 0 && tab.VPs[n-1].State == VPNone {
		n--
	}
	tab.Host.VPs = n
}

// clearRecord makes p's record that of no partition. Its state goes first.
func clearRecord(p *Partition) {
	p.State = Free
	*p = Partition{}
}

// validConfig says whether a guest can be made like that.
func validConfig(c *abi.Config) abi.Errno {
	name := abi.Text(c.Name[:])
	good := len(name) > 0 && len(name) < len(c.Name) && c.VPs >= 1 && c.VPs <= abi.MaxGuestVPs && c.Weight <= abi.MaxWeight &&
		c.Memory >= abi.MinMemory && c.Memory%(1<<20) == 0 && c.Memory <= 1<<40 && c.Platform <= abi.PlatformPC &&
		c.Flags&^(abi.ConfigConsole|abi.ConfigEntropy) == 0 && c.Nets <= abi.MaxNets && c.Disks <= abi.MaxDisks && c.Token != 0
	for i := range name {
		ch := name[i]
		good = good && (ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || ch == '-' || ch == '_' || ch == '.')
	}
	for i := range c.Net {
		n := &c.Net[i]
		used := uint32(i) < c.Nets
		good = good && (used || *n == abi.NetConfig{}) && n.MAC>>48 == 0 && n.MAC&1 == 0 && n.MTU <= 65535
	}
	for i := range c.Disk {
		d := &c.Disk[i]
		used := uint32(i) < c.Disks
		good = good && (used && (d.Kind == abi.DiskRAM || d.Kind == abi.DiskFile) && d.Capacity != 0 || !used && *d == abi.DiskConfig{}) &&
			d.Capacity%512 == 0 && d.Capacity <= 1<<50 && d.Flags&^uint32(abi.DiskReadOnly) == 0
	}
	if all := uint64(1)<<tab.Host.CPUs - 1; c.CPUs != 0 && c.CPUs&all == 0 {
		good = false
	}
	if !good {
		return abi.ErrArgument
	}
	return 0
}

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
		if p.State != Destroying {
			p.State = Destroying
			p.begin(JobDestroy)
		}
		return 0
	}
	return abi.ErrArgument
}

// start lets a created partition's first processor begin.
func (p *Partition) start() abi.Errno {
	switch {
	case p.State == Running:
		return 0
	case p.State != Created || p.Loaded == 0 || p.Job != JobNone:
		return abi.ErrState
	}
	v := p.VP(0)
	v.Entry = p.Entry
	p.Started = x86.RDTSC()
	p.State = Running
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
// interrupts once, so that nothing waits for a kick that was lost.
func (p *Partition) resume() abi.Errno {
	if p.State == Running {
		return 0
	}
	if p.State != Paused {
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
	case Off, Again, Stopped:
		return 0
	case Running, Paused:
		p.State, p.Why, p.Reported = Off, WhyCommand, 1
		p.Halts++
		p.hold(HoldPause)
		console.Say(console.Info).Str("partition ").Bytes(name(p)).Str(" switched off by command").End()
		p.tell()
		return 0
	}
	return abi.ErrState
}

// again makes p as it was when it had just been created.
func (p *Partition) again() abi.Errno {
	switch {
	case p.Job == JobReset:
		return 0
	case p.State == Created && p.Loaded == 0:
		return 0
	case p.State == Off, p.State == Again, p.State == Stopped && p.Errno == 0, p.State == Created:
		p.State = Creating
		p.begin(JobReset)
		return 0
	}
	return abi.ErrState
}

// set answers CallSet.
func (p *Partition) set(what abi.Property, val uint64) abi.Errno {
	all := uint64(1)<<tab.Host.CPUs - 1
	switch {
	case what == abi.SetWeight && val >= 1 && val <= abi.MaxWeight:
		p.weigh(val, p.Config.CPUs)
		p.Config.Weight = uint32(val)
	case what == abi.SetCPUs && (val == 0 || val&all != 0):
		p.weigh(uint64(p.Config.Weight), val)
		p.Config.CPUs = val
	default:
		return abi.ErrArgument
	}
	return 0
}
