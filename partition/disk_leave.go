package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/partition/abi"
	"perdure/partition/blk"
	"perdure/partition/vcon"
)

// leaveSeconds is how long the server of a ring has to leave it. One that is
// there leaves at once; one that was killed cannot, and is not in its memory.
const leaveSeconds = 3

// rings calls f for each of p's disks that has a ring.
func (p *Partition) rings(f func(d *blk.Disk)) {
	for i := range p.Disks {
		if d := &p.Disks[i]; d.Kind == uint64(abi.DiskFile) {
			f(d)
		}
	}
}

// stepLeave has the servers of p's rings leave them.
func stepLeave(p *Partition) (bool, error) {
	left := true
	p.rings(func(d *blk.Disk) { left = d.Close() && left })
	now := x86.RDTSC()
	switch {
	case left:
		return true, nil
	case p.Left == 0:
		p.Left = now
		root := Lookup(0)
		root.Console.Post(p.ID & (stateEvents - 1))
		root.notify(rootSlotConsole, 1<<vcon.QueueReceive)
	case now-p.Left > leaveSeconds*tab.Host.TSCHz:
		console.Say(console.Warn).Str("partition ").Bytes(name(p)).Str(": nobody answers for its disks; are they served? (hvctl serve)").End()
		return true, nil
	}
	return false, nil
}

// stepUnshare takes p's rings from root's memory.
func stepUnshare(p *Partition) (bool, error) {
	e := ept.Open(Lookup(0).RAM.EPTP)
	var err error
	some := false
	p.rings(func(d *blk.Disk) {
		some = true
		if err == nil {
			err = e.Unmap(addr.GPA(d.Base), d.Size)
		}
	})
	if err != nil || !some {
		return err == nil, err
	}
	atomic.AddUint64(&tab.Host.FlushGen, 1)
	for i := range tab.Host.CPUs {
		kernel.CPUAt(int(i)).Kick() // to the top of its loop
	}
	return true, nil
}

// stepFlushed waits until no processor knows where p's rings were.
func stepFlushed(p *Partition) (bool, error) {
	some := false
	p.rings(func(*blk.Disk) { some = true })
	if !some {
		return true, nil
	}
	gen := atomic.LoadUint64(&tab.Host.FlushGen)
	for i := range tab.Host.CPUs {
		if c := &tab.CPUs[i]; c.Online == 1 && atomic.LoadUint64(&c.Flushed) != gen {
			return false, nil
		}
	}
	return true, nil
}

// releaseRings gives the memory of p's rings back, and with it any that a
// creation left behind which was cut short.
func (p *Partition) releaseRings() error {
	p.rings(func(d *blk.Disk) { *d = blk.Disk{} })
	return mm.ReleaseShared(hasRing)
}

// hasRing reports whether the page at a is a ring's.
func hasRing(a addr.HPA) (has bool) {
	for i := range tab.Partitions {
		tab.Partitions[i].rings(func(d *blk.Disk) { has = has || uint64(a)-d.Base < d.Size })
	}
	return has
}
