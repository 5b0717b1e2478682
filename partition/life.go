package partition

import (
	"runtime"
	"sync/atomic"

	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// Job is what is under way with a partition; kept. Its steps are done by the
// control goroutine, each of which may be begun again at any time: first it takes
// back what an earlier attempt left.
type Job uint64

// Jobs.
const (
	JobNone Job = iota
	JobCreate
	JobReset
	JobDestroy
	JobServe
)

// step does a part of a job, and reports whether the job can go on.
type jobStep func(p *Partition) (done bool, err error)

// steps are what the jobs consist of. Partition.Step counts those that are done.
var steps = [...][]jobStep{
	JobCreate:  {stepClaim, stepClear, stepDisks, stepMap, stepDevices, stepVPs, stepCreated},
	JobReset:   {stepQuiet, stepDisconnect, stepClear, stepDevices, stepVPs, stepCreated},
	JobDestroy: {stepQuiet, stepDisconnect, stepLeave, stepUnshare, stepFlushed, stepRelease, stepForget},
	JobServe:   {stepHome, stepClear, stepReach, stepCandidate},
}

// begin notes that p has a job; the control goroutine does it.
func (p *Partition) begin(j Job) {
	p.Step, p.Cleared = 0, 0
	p.Job = j
	atomic.OrUint64(&tab.Host.Work, WorkLife)
}

// begins is begin for a job that may have begun already, by a call that was cut short.
func (p *Partition) begins(j Job) {
	if p.Job != j {
		p.begin(j)
	}
	atomic.OrUint64(&tab.Host.Work, WorkLife)
}

// lives does one step for every partition that has a job.
func lives() {
	more := false
	for i := range tab.Partitions {
		if p := &tab.Partitions[i]; p.Job != JobNone {
			p.live()
			more = more || p.Job != JobNone
		}
	}
	if more {
		atomic.OrUint64(&tab.Host.Work, WorkLife)
		runtime.Gosched() // whoever wants to run does so between two steps
	}
}

// live does the next step of p's job.
func (p *Partition) live() {
	j := p.Job
	done, err := steps[j][p.Step](p)
	switch {
	case err != nil:
		p.failed(err)
	case done && p.Job == j:
		p.Step++
		if p.Step == uint64(len(steps[j])) {
			p.Job = JobNone
		}
	}
}

// failed ends a creation that cannot be finished. What was claimed is given back
// when the partition is destroyed, as of any other.
func (p *Partition) failed(err error) {
	errno, ok := err.(abi.Errno)
	if !ok {
		errno = abi.ErrMemory
	}
	p.Errno, p.Why, p.State, p.Job, p.Reported = int64(errno), WhyNotMade, Stopped, JobNone, 1
	console.Say(console.Err).Str("partition ").Bytes(name(p)).Str(" cannot be created: ").Str(errno.Error()).End()
	p.tell()
}

// stepClaim makes memory and virtual processors p's.
func stepClaim(p *Partition) (bool, error) {
	kept.FreeOwner(p.keptOwner())
	p.loseDisks()
	if err := mm.ReleaseAll(mm.Partition(p.ID)); err != nil {
		return false, err
	}
	p.Pieces = 0
	ring, err := kept.Pages(p.keptOwner(), TtySize/4096)
	if err != nil {
		return false, abi.ErrMemory
	}
	p.Tty = Tty{Ring: uint64(ring)}
	return true, p.claimMemory()
}

// stepClear clears a stretch of memory.
func stepClear(p *Partition) (bool, error) { return p.clearSome(), nil }

// stepMap makes what p's processors see.
func stepMap(p *Partition) (bool, error) {
	if err := p.mapMemory(); err != nil {
		return false, err
	}
	return true, p.guestBitmaps()
}

// stepDevices makes p's devices as after power-up.
func stepDevices(p *Partition) (bool, error) {
	p.resetPlatform()
	return true, p.resetDevices()
}

// stepVPs makes p's virtual processors.
func stepVPs(p *Partition) (bool, error) { return true, p.newVPs() }

// stepCreated ends a creation or a reset.
func stepCreated(p *Partition) (bool, error) {
	if p.Job == JobCreate {
		console.Say(console.Info).Str("partition ").Dec(p.ID).Str(" ").Bytes(name(p)).Str(" created: ").Dec(p.VPs).
			Str(" processors, ").Dec(p.Config.Memory >> 20).Str(" MiB").End()
	}
	p.seal()
	p.Hold, p.Loaded, p.Why, p.Reported = 0, 0, WhyNone, 0
	p.State = Created
	p.tell()
	return true, nil
}

// stepQuiet waits until no processor has anything of p's.
func stepQuiet(p *Partition) (bool, error) { return p.expel(), nil }

// stepDisconnect takes p's devices from those that they are connected with.
func stepDisconnect(p *Partition) (bool, error) { return true, p.disconnect() }

// stepRelease gives all of p's memory back. Translations of it may be left in
// processors: they forget them before they run another partition.
func stepRelease(p *Partition) (bool, error) {
	p.RAM.Size, p.RAM.EPTP = 0, 0 // nobody looks at its tables any more
	atomic.AddUint64(&tab.Host.FlushGen, 1)
	if err := p.releaseRings(); err != nil {
		return false, err
	}
	p.loseDisks()
	if err := p.returnHome(); err != nil {
		return false, err
	}
	if err := mm.ReleaseAll(mm.Partition(p.ID)); err != nil {
		return false, err
	}
	kept.FreeOwner(p.keptOwner())
	return true, nil
}

// stepForget makes the records free. The partition's own goes last.
func stepForget(p *Partition) (bool, error) {
	console.Say(console.Info).Str("partition ").Dec(p.ID).Str(" ").Bytes(name(p)).Str(" destroyed").End()
	p.forgetVPs()
	id := p.ID
	clearRecord(p)
	(&Partition{ID: id}).tell()
	return true, nil
}

// progress returns how much of p's job is done, in thousandths. Clearing memory
// is what takes long.
func (p *Partition) progress() uint64 {
	if p.Job == JobDestroy {
		return p.Step * 1000 / uint64(len(steps[JobDestroy]))
	}
	return p.Cleared * 999 / max(p.Memory, 1)
}
