package partition

import (
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// maxImage is the largest image file that is taken.
const maxImage = 32 << 20

// loadSeconds is how long the next piece of an image may take to come.
const loadSeconds = 10

// restart answers CallRestart.
func (b *buffer) restart(c *Call) (n, second uint64, err abi.Errno) {
	a := &c.Args
	r := Restarting()
	switch abi.RestartOp(a[0]) {
	case abi.RestartBegin:
		n, err = r.begin(a[1], a[2], a[3], a[4])
	case abi.RestartLoad:
		n, err = b.loadImage(r, a[1], a[2], a[3])
	case abi.RestartGo:
		switch {
		case r.Phase() == abi.PhaseLoad && r.Ends == 0 && r.Report.Taken == r.Report.Size:
			kernel.Enter(section(c) | abi.Commits)
			r.Enter(abi.PhaseCheck)
		case r.Phase() <= abi.PhaseLoad:
			err = abi.ErrState
		}
	case abi.RestartAbort:
		switch p := r.Phase(); {
		case p == abi.PhaseNone || p >= abi.PhaseHandoff && !p.Over():
			err = abi.ErrState
		case !p.Over():
			kernel.Enter(section(c) | abi.Commits)
			r.Abort = 1
			r.Again()
		}
	case abi.RestartReport:
		r.Report.Header = abi.HeaderOf(&r.Report)
		return b.record(a[1], a[2], r.Report.Bytes(), a[2])
	default:
		err = abi.ErrArgument
	}
	if err == abi.ErrFault {
		return n, b.bad, err
	}
	return n, a[2], err
}

// begin answers RestartBegin: a number, a service partition and memory for the
// image file.
func (r *Restart) begin(size, flags, budget, weight uint64) (uint64, abi.Errno) {
	switch p := r.Phase(); {
	case r.empty(size, flags, budget): // the call that began it may have been cut short
		kernel.Enter(abi.Section(abi.CallRestart, uint64(abi.RestartBegin)) | abi.Commits)
		r.Resets = tab.Host.Resets
		r.Alive(loadSeconds)
		return r.Report.Number, 0
	case p != abi.PhaseNone && !p.Over():
		return 0, abi.ErrBusy
	case size == 0 || size > maxImage || weight > abi.MaxWeight || flags&^(restartFlags|FailMask) != 0 || flags&FailMask != 0 && !injects:
		return 0, abi.ErrArgument
	}
	h := tab.Host
	kernel.Enter(abi.Section(abi.CallRestart, uint64(abi.RestartBegin)) | abi.Commits)
	h.Standby.withdraw()
	r.Service = 0
	dropServices()
	free := mm.Totals()[mm.Free] + h.Standby.lent()
	fresh = Restart{Resets: h.Resets, Fail: flags & FailMask >> failShift}
	q := &fresh.Report
	q.Header = abi.HeaderOf(q)
	q.Number = r.Report.Number + 1
	q.Flags, q.Size, q.Budget, q.Generation, q.FreeBefore = flags&restartFlags, size, budget, h.Generation, free
	abi.SetText(q.From[:], Build)
	*r = fresh
	p, err := putService(weight)
	if err != 0 && h.Standby.Make.Partition() != nil {
		err = abi.ErrBusy // what the standby's has will be free soon
	}
	if err != 0 {
		return 0, err
	}
	r.Service = p.ID
	at, e := mm.AllocLow(1<<32, size, page2M, mm.Partition(p.ID))
	if e != nil {
		p.forgetVPs() // it has nothing else yet
		clearRecord(p)
		r.Service = 0
		return 0, abi.ErrMemory
	}
	r.Image = uint64(at)
	r.Watch = 1
	r.Alive(loadSeconds)
	r.Enter(abi.PhaseLoad)
	console.Say(console.Info).Str("hot restart ").Dec(r.Report.Number).Str(" begins: an image of ").Dec(size >> 10).Str(" KiB").End()
	return r.Report.Number, 0
}

// fresh is what begin makes of the record, word by word: a restart's number is never less
// than the one before.
var fresh Restart

// empty reports whether r is what begin would make of its arguments, and nothing of the
// image has come.
func (r *Restart) empty(size, flags, budget uint64) bool {
	q := &r.Report
	return r.Phase() == abi.PhaseLoad && r.Ends|r.Abort == 0 && q.Taken == 0 && q.Size == size && q.Budget == budget &&
		q.Flags == flags&restartFlags && r.Fail == flags&FailMask>>failShift
}

// restartFlags are the flags of RestartBegin that there are.
const restartFlags = abi.RestartForce | abi.RestartFull | abi.RestartNative | abi.RestartDry

// loadImage answers RestartLoad: the next bytes of the image file, or some again.
func (b *buffer) loadImage(r *Restart, off, at, size uint64) (uint64, abi.Errno) {
	switch q := &r.Report; {
	case r.Phase() != abi.PhaseLoad || r.Ends != 0:
		return 0, abi.ErrState
	case size > abi.MaxLoad || off > q.Taken || size > q.Size-off:
		return 0, abi.ErrArgument
	}
	kernel.Enter(abi.Section(abi.CallRestart, uint64(abi.RestartLoad)) | abi.Commits)
	err := b.pages(at, size, false, func(m []byte, k uint64) {
		copy(mm.Bytes(addr.HPA(r.Image+off+k), uint64(len(m))), m)
	})
	if err != 0 {
		return 0, err
	}
	r.Report.Taken = max(r.Report.Taken, off+size)
	r.Alive(loadSeconds)
	return size, 0
}

// putService makes a record for a service partition: as many virtual processors
// as the machine has, and the weight of a guest if that is 0.
func putService(weight uint64) (*Partition, abi.Errno) {
	first, ok := freeVPs(tab.Host.CPUs)
	for i := uint64(1); i < MaxPartitions && ok; i++ {
		p := &tab.Partitions[i]
		if p.State != Free {
			continue
		}
		clearRecord(p)
		p.Kind, p.ID, p.FirstVP, p.VPs, p.Created = Service, i, first, tab.Host.CPUs, x86.RDTSC()
		copy(p.Name[:], serviceName)
		p.weigh(weight, 0)
		for k := range p.VPs { // taken, but nothing that runs
			p.VP(k).take(i, k)
		}
		p.State = Creating
		return p, 0
	}
	return nil, abi.ErrSpace
}

// dropServices gives back what a call that was cut short has made of a service partition:
// none of the restarts knows of it.
func dropServices() {
	for i := range uint64(MaxPartitions) {
		p := &tab.Partitions[i]
		if p.Kind != Service || p.State != Creating || p.Job != JobNone || i == Restarting().Service || i == tab.Host.Standby.Make.Service {
			continue
		}
		if mm.ReleaseAll(mm.Partition(i)) == nil {
			p.forgetVPs()
			clearRecord(p)
		}
	}
	dropVPs()
}
