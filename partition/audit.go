package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
)

// A fault that nobody notices may leave a virtual processor asleep for ever: an event that was
// not noted, a bit of its local APIC, a timer set for a time that does not come. So whoever has
// done nothing for a while is looked at again as after a reset (see doubt), by the processor that is
// its home; what is as it must be stays so.

// audits is how often that is, in a second.
const audits = 16

// audited is what each VP was found at last, whether it has done nothing since, and for how long;
// nextAudit is when each processor looks. Both are volatile: after a reset everybody is doubted anyway.
var audited [MaxVPs]struct {
	state VPState
	exit  uint64
	idle  bool
	since uint64 // TSC value at which it was first found as it is
}
var nextAudit [MaxCPUs]uint64

// auditDue has c look at its VPs at the top of its loop, if it is time to.
//
//go:nosplit
func (c *CPU) auditDue(now uint64) {
	if at := &nextAudit[c.Index&(MaxCPUs-1)]; int64(now-*at) >= 0 || *at-now > tab.Host.TSCHz {
		*at = now + tab.Host.TSCHz/audits
		kernel.This().Raise(flagAudit)
		c.Leave = 1
	}
}

// audit looks at c's VPs.
//
//go:nosplit
func (c *CPU) audit() {
	kernel.This().Lower(flagAudit)
	now := x86.RDTSC()
	c.plausible(now)
	for i := range tab.Host.VPs {
		if v := &tab.VPs[i]; c.minds(v) && v.idles(now) && v.partition().Hold == 0 {
			c.doubts(v, now)
		}
	}
}

// idles reports whether v is as it was when this was asked last, without an exit in between.
//
//go:nosplit
func (v *VP) idles(now uint64) bool {
	s := &audited[v.index()&(MaxVPs-1)]
	s.idle = s.state == v.State && s.exit == v.Ctx.TSC
	if !s.idle {
		s.state, s.exit, s.since = v.State, v.Ctx.TSC, now
	}
	if s.idle {
		switch v.State {
		case VPCall:
			atomic.OrUint64(&tab.Host.Work, WorkCall)
		case VPDecode:
			atomic.OrUint64(&tab.Host.Work, WorkDecode)
		case VPRun, VPHalted:
			return true
		}
	}
	if v.LAPIC.Waiting() {
		atomic.OrUint64(&v.Events, EvIntr)
	}
	return false
}

// sure reports whether v's local APIC is to be made such that v goes on, though v may only sleep:
// after a reset; and root's, after a second.
//
//go:nosplit
func (v *VP) sure(now uint64) bool {
	s := &audited[v.index()&(MaxVPs-1)]
	return !s.idle || v.Part == 0 && now-s.since > tab.Host.TSCHz
}
