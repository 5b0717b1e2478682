package partition

import (
	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// Resets is how many recoveries are remembered; a power of two.
const Resets = 16

// Recovery is what is known of recoveries: a kept record.
//
// At rest: Ring has a whole record of every recovery up to Last, but for the Back
// of processors that have not gone on yet.
type Recovery struct {
	Last    uint64 // number of the last one
	Base    uint64 // recoveries before this instance's
	Crashes uint64 // failures that the instance had noted by then
	Exits   uint64 // exits of all processors at the last one
	Near    uint64 // recoveries in a row with hardly an exit in between
	Part    uint64 // 1 + partition whose exit the last one dropped
	VP      uint64
	Exit    uint64
	RIP     uint64
	Seen    uint64 // exits with that reason that the VP had made
	Repeats uint64 // failures of that exit in a row
	Scrub   uint64 // 1 + page of code that is looked at next, 0: none
	Mended  uint64 // pages that had been put right by then
	Told    uint64 // the last one that the log has
	Ring    [Resets]abi.Reset
}

// What CPU.Back says.
const (
	backNone     = iota
	backRepaired // its part of kept state is at rest, and it has not gone on yet
	backArrived  // it came from another instance by loading the state, and has not gone on yet
)

// soon is how many exits are hardly any: a processor makes more of them before
// anything that a partition does is done.
const soon = 64

// Facts are what the rung of a recovery is chosen from.
type Facts struct {
	Tries   uint64 // failures since one was overcome, this one included
	Near    uint64 // recoveries in a row with hardly an exit in between
	Repeats uint64 // times in a row that the exit failed which was dropped, 0: none was
	Root    bool   // it was root's
	Records bool   // its partition's records are damaged, and have no twin
	Machine bool   // the same is true of the machine's records, or of the processor's
	Code    bool   // code was damaged, and has been put right
	Reboot  uint64 // why the standby goes on, one of kernel.Reboot...; 0: it does not
	Standby bool   // there is one that could
}

// present returns the record of the present recovery.
//
//go:nosplit
func (r *Recovery) present() *abi.Reset { return &r.Ring[(r.Base+kernel.Epoch())%Resets] }

// Owned notes that this instance has the machine: what it was through before is no
// recovery.
func Owned() {
	r := &tab.Host.Recovery
	r.Mended = kernel.Mended()
	r.Base, r.Crashes = r.Last-kernel.Epoch(), kernel.LastCrash().N
	c := this()
	watches[c.Index&(MaxCPUs-1)] = true
	if c.Index == 0 && tab.Host.RootTSC == 0 { // else another instance has done so
		startBeat()
	}
}

// Concerned reports whether the last failure was noted for this processor; one
// that nobody noted was for the processor that led the reset.
func Concerned() bool {
	if c, n := this(), kernel.LastCrash(); n.N != tab.Host.Recovery.Crashes {
		return n.CPU == c.Index
	}
	return kernel.This().Lead()
}

// Examine begins the record of the present recovery, on the processor that it is
// about, before anything has been repaired.
func Examine() (f Facts) {
	c, r, crash := this(), &tab.Host.Recovery, kernel.LastCrash()
	e := r.present()
	back := e.Back
	*e = abi.Reset{Header: abi.HeaderOf(e), Number: r.Base + kernel.Epoch(), Cause: abi.CauseNMI, Processor: uint32(c.Index), Partition: abi.NoPartition, Back: back}
	s := kernel.ResetStats()
	e.Noticed, e.Began, e.Tries = s.Stamp, s.Stamp, kernel.Tries()
	if s.Copying {
		e.Copied = s.Copied
	}
	if crash.N != r.Crashes {
		r.Crashes = crash.N
		e.Cause, e.Noticed = abi.ResetCause(crash.Cause), crash.TSC
		e.Vector, e.Error, e.At, e.CR2, e.Flags, e.RSP = crash.Vector, crash.Error, crash.RIP, crash.CR2, crash.Flags, crash.RSP
		if e.Cause == abi.CauseHang {
			e.At = crash.At[c.Index&(MaxCPUs-1)]
		}
		e.Regs, e.Stack, e.Text, e.Found = crash.Regs, crash.Stack, crash.Text, crash.At
	}
	e.Fault = slipped(c)
	f.Machine = c.mend() == lost
	if c.Active != 0 {
		f.Records = tab.VPs[(c.Active-1)&(MaxVPs-1)].mend() == lost
	}
	f.Code = kernel.Wrong()
	noteMended()
	f.Reboot, crash.Reboot = crash.Reboot, kernel.RebootNone
	f.Standby = tab.Host.Standby.ready()
	f.Root = c.sign(e)
	f.Tries, f.Repeats = e.Tries, e.Repeats
	exits := uint64(0)
	for i := range tab.Host.CPUs {
		exits += tab.CPUs[i].Exits
	}
	if r.Near++; exits-r.Exits > soon {
		r.Near = 1
	}
	r.Exits = exits
	f.Near = r.Near
	return f
}

// sign notes whose exit was dropped, and how often in a row that has happened.
func (c *CPU) sign(e *abi.Reset) (root bool) {
	r := &tab.Host.Recovery
	v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
	reason := v.Ctx.Reason & 0xffff
	if c.Active == 0 || v.Running == 0 || v.Ctx.Commit != 0 || reason >= uint64(len(v.Exits)) {
		r.Part, r.Repeats = 0, 0
		return false
	}
	e.Partition, e.VP, e.Exit, e.RIP = uint32(v.Part), uint32(v.ID), reason, v.Ctx.RIP
	if r.Part != v.Part+1 || r.VP != v.ID || r.Exit != reason || r.RIP != v.Ctx.RIP || v.Exits[reason]-r.Seen > 1 {
		r.Repeats = 0
	}
	r.Part, r.VP, r.Exit, r.RIP, r.Seen = v.Part+1, v.ID, reason, v.Ctx.RIP, v.Exits[reason]
	r.Repeats++
	e.Repeats = r.Repeats
	return v.partition().Kind == Root
}

// Decided ends the record of the present recovery: which rung it is, and why. Rung
// 3 stops the partition whose exit was dropped.
func Decided(rung abi.Rung, why abi.RungReason) {
	c, r := this(), &tab.Host.Recovery
	e := r.present()
	e.Rung, e.Reason = rung, why
	if rung == abi.RungReboot {
		r.Near = 0 // another instance gets as many attempts
	}
	if rung == abi.RungQuarantine && c.Active != 0 {
		ends := uint64(WhyHandlerFault)
		if why == abi.ReasonRecords {
			ends = WhyDamaged
		}
		tab.VPs[(c.Active-1)&(MaxVPs-1)].stop(ends, e.Exit)
		r.Part, r.Repeats, r.Near = 0, 0, 0
	}
	e.Repaired = x86.RDTSC()
	r.Last = e.Number
}

// back notes that this processor goes on: it enters a VP, or rests. Nothing but
// running VPs was done until now; what the control goroutine has to do is raised
// by the processor that led.
//
//go:nosplit
func (c *CPU) back(enters bool) {
	was := c.Back
	c.Back = backNone
	if was == backArrived {
		if enters {
			tab.Host.Restart.enters(c, &tab.VPs[(c.Active-1)&(MaxVPs-1)], x86.RDTSC(), opsHost)
		}
		return
	}
	tab.Host.Recovery.present().Back[c.Index&(MaxCPUs-1)] = x86.RDTSC()
	kernel.This().Raise(flagDoubt)
	if !kernel.This().Lead() {
		return
	}
	kernel.Recovered()
	tab.Host.Recovery.Scrub = 1
	Everything()
	apic.SendIPI(uint32(c.APICID), kernel.VectorKick) // ends what begins now
}

// resets returns the record of recovery n, or of the last one.
func resets(n uint64) (*abi.Reset, bool) {
	r := &tab.Host.Recovery
	if n == 0 {
		n = r.Last
	}
	e := &scratchReset
	*e = r.Ring[n%Resets]
	if n == 0 || e.Number != n {
		return nil, false
	}
	for i := range e.Back {
		if e.Back[i] < e.Began {
			e.Back[i] = 0 // of an older recovery
		}
	}
	return e, true
}

// scratchReset is what resets puts its answer together in.
var scratchReset abi.Reset
