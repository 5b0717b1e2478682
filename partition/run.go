package partition

import (
	"runtime/debug"
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Dispatch runs partitions on the processor that the calling goroutine happens
// to be on, for ever. There is one dispatcher for each processor. It carries
// nothing from one step to the next: all that it knows is in kept state.
func Dispatch() {
	for lent := true; ; { // who comes from a reset or a handoff has a VP go on first
		lent = step(lent)
	}
}

// Prepare makes the calling goroutine one that can be a dispatcher. It comes
// before Golden, so that nobody has to wait for it after a reset or a handoff.
func Prepare() {
	deepen(0)
	debug.SetPanicOnFault(true) // wild pointers and #GP too, not only nil
}

// step is one round of a dispatcher. Its prologue is a safe point of the Go
// runtime, the only one that a busy dispatcher comes by. It reports whether it
// did nothing but lend the processor to control goroutines; lent says that the
// last round did, so that this one runs a VP if one wants to.
func step(lent bool) (lends bool) {
	defer unwind()
	k := kernel.This()
	c := this()
	if c.Online != 1 {
		c.begin()
		return lent // whoever comes back from that may be on another processor
	}
	c.Watch.Steps++
	c.Watch.Lent = 0
	if atomic.LoadUint64(&c.Inspect.Asked) != c.Inspect.Told {
		c.inspect()
	}
	if c.Leave == LeaveWait {
		kernel.Idle(0)
	}
	for v, ok := k.TakeVector(); ok; v, ok = k.TakeVector() {
		c.vector(v)
	}
	c.Leave = 0 // a slice that ran out meanwhile was another's, of the past
	if k.Flags&flagMeet != 0 {
		c.attend()
	}
	if k.Flags&flagDoubt != 0 {
		c.doubt()
	}
	if k.Flags&flagAudit != 0 {
		c.audit()
	}
	c.after()
	if c.Serve != 0 {
		c.serveSome()
	}
	c.drop()
	c.flush()
	if c.Index == 0 {
		console.Drain()
	}
	if wanted() {
		wake <- struct{}{}
		return lent // the same
	}
	if k.Poll() || !lent && called.Load() {
		c.lend()
		kernel.Yield() // now and then the scheduler gives the processor right back
		return true    // on another processor, perhaps
	}
	now := x86.RDTSC()
	if l := tab.Host.WatchLen; l != 0 && int64(now-c.Watch.At) > int64(overdue*l) {
		c.watch(now) // no interrupt came: perhaps it goes round, and lets none in
	}
	switch v := c.pick(now); {
	case v != nil:
		if guarded(c, v, &k.Guard) != 0 {
			c.unwound(&k.Guard.Fault)
		}
	case c.admit():
	case called.Load():
		c.lend()
		kernel.Yield()
	default:
		c.rest()
	}
	return false
}

// admit takes interrupts that wait, with nothing to run: where the control goroutine has
// the processor again and again, no guest and no sleep lets them in. It reports whether
// any came, which the next round looks at first.
//
//go:nosplit
func (c *CPU) admit() bool {
	if !called.Load() {
		return false
	}
	c.arm()
	return kernel.Admit()
}

// rest waits for an interrupt with nothing to run.
//
//go:nosplit
func (c *CPU) rest() {
	if atomic.LoadUint64(&c.Serve) != 0 {
		return // devices have something to do
	}
	c.arm()
	if c.Back != 0 {
		c.back(false)
	}
	t := x86.RDTSC()
	if l := tab.Host.WatchLen; l != 0 && !apic.Timed(t+4*l) {
		untimed() // it would sleep for ever
	}
	c.Watch.Asleep = 1
	kernel.Idle(0) // arm has set the timer
	c.Watch.Asleep = 0
	c.Idle += x86.RDTSC() - t
}

// untimed is what is done if a processor wants to sleep, and its timer is not set.
//
//go:nosplit
func untimed() {
	farLookAll()
	mistaken("a processor sleeps without a timer")
}

// run enters v until it gives the processor back.
//
//go:nosplit
func (c *CPU) run(v *VP) {
	if !c.load(v) {
		return
	}
	if c.Rearm != 0 {
		c.arm()
	}
	if c.Back != 0 {
		c.back(true)
	}
	vmx.ReturnToGuest(&v.Ctx)
	if v.unfinished() {
		v.finish() // a fault of ours came between
	}
	start := x86.RDTSC()
	v.runs(start)
	for c.Leave == 0 {
		if v.Events != 0 && !v.serve(c) {
			break
		}
		// Point of no return: this VP will run.
		r := vmx.Enter(&v.Ctx)
		v.Inject = 0
		t := &c.Trace[c.Exits%TraceLen]
		t.TSC, t.RIP, t.Reason = v.Ctx.TSC, v.Ctx.RIP, uint32(r)
		t.Partition, t.VP, t.Qual = uint16(v.Part), uint16(v.ID), 0
		c.Exits++
		if r >= vmcs.NumReasons || exits[r] == nil {
			v.unexpected(c, r)
			break
		}
		v.Exits[r]++
		d := handle(c, v, r)
		if done := d & commitMask; done != 0 {
			v.Ctx.OutRIP = v.Ctx.RIP + v.Ctx.Len
			v.Ctx.Commit = uint64(done) // the commit
			if done&early != 0 {
				if done&Changes != 0 {
					v.Log.Apply()
					v.Ctx.Commit = uint64(done &^ early)
					c.after()
				} else {
					v.makes(c)
				}
			}
		}
		if d&(Park|Refuse) != 0 || d == 0 {
			if d&Park == 0 {
				v.unexpected(c, r)
			}
			break
		}
	}
	c.unlock()
	c.disown()
	now := x86.RDTSC()
	v.rests(now)
	c.Guest += now - start
	if kernel.This().Flags&flagMeet != 0 {
		attendLater(c) // the guest's values may stay in the processor: it goes on with them
	}
	vmx.LeaveGuest(&v.Ctx)
}
