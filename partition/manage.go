package partition

import (
	"perdure/kernel"
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
			if p.State == Creating {
				p.begins(JobCreate)
			}
			return i, 0
		case p.Name == c.Name:
			return 0, abi.ErrExists
		}
	}
	if abi.Text(c.Name[:]) == "root" {
		return 0, abi.ErrExists
	}
	dropVPs()
	first, ok := freeVPs(uint64(c.VPs))
	if free == 0 || !ok {
		return 0, abi.ErrSpace
	}
	if t := mm.Totals(); t[mm.Free] < c.Memory+diskMemory(c) {
		return 0, abi.ErrMemory
	}
	kernel.Enter(abi.Section(abi.CallCreate, 0) | abi.Commits)
	p := &tab.Partitions[free]
	clearRecord(p)
	p.Kind, p.ID, p.Name, p.Config = Guest, free, c.Name, *c
	p.FirstVP, p.VPs, p.Memory, p.Created = first, uint64(c.VPs), c.Memory, x86.RDTSC()
	p.weigh(uint64(c.Weight), c.CPUs)
	for i := range p.VPs { // taken, but nothing that runs
		p.VP(i).take(p.ID, i)
	}
	p.State = Creating
	p.begins(JobCreate)
	return free, 0
}

// take makes v, which nobody has, one of a partition that is being made.
func (v *VP) take(part, id uint64) {
	v.Part, v.ID = part, id
	v.seal()
	v.State = VPStopped
}

// dropVPs gives up the virtual processors that a call which was cut short has taken for
// a partition that there is not.
func dropVPs() {
	for i := range tab.VPs {
		if v := &tab.VPs[i]; v.State == VPStopped && Lookup(v.Part).State == Free {
			*v = VP{}
		}
	}
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
		good = good && (used || *n == abi.NetConfig{}) && n.MAC>>48 == 0 && n.MAC&1 == 0 && (n.MTU == 0 || n.MTU >= abi.MinMTU && n.MTU <= abi.MaxMTU)
	}
	for i := range c.Disk {
		d := &c.Disk[i]
		used := uint32(i) < c.Disks
		good = good && (used && (d.Kind == abi.DiskRAM || d.Kind == abi.DiskFile) && d.Capacity != 0 || !used && *d == abi.DiskConfig{}) &&
			d.Capacity%512 == 0 && d.Capacity <= 1<<50 && d.Flags&^uint32(abi.DiskReadOnly) == 0
	}
	if c.CPUs != 0 && c.CPUs&tab.Host.processors() == 0 {
		good = false
	}
	if !good {
		return abi.ErrArgument
	}
	return 0
}
