package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
)

// complaint is a line for the log about an exit that rung 0 dropped. The guest need not
// wait for it: it is written with the next tick, unless a reset comes first.
type complaint struct {
	full            uint64 // 1: it is to be written
	vp, reason, rip uint64
	fault           kernel.Fault
}

// complaints are those of each processor; next is where the next one goes.
var complaints [MaxCPUs]struct {
	list [8]complaint
	next uint64
}

// later keeps c's complaint for the tick; false if there are too many already.
//
//go:nosplit
func (c *CPU) later(v *VP, f *kernel.Fault) bool {
	l := &complaints[c.Index&(MaxCPUs-1)]
	m := &l.list[l.next%uint64(len(l.list))]
	if atomic.LoadUint64(&m.full) != 0 {
		return false
	}
	m.vp, m.reason, m.rip, m.fault = v.ID, v.Ctx.Reason, v.Ctx.RIP, *f
	atomic.StoreUint64(&m.full, 1)
	l.next++
	return true
}

// complainAll writes what waits for it.
func complainAll() {
	for i := range complaints {
		for j := range complaints[i].list {
			if m := &complaints[i].list[j]; atomic.LoadUint64(&m.full) != 0 {
				complain(m.vp, m.reason, m.rip, &m.fault, false)
				atomic.StoreUint64(&m.full, 0)
			}
		}
	}
}

// complain writes that an exit was dropped.
func complain(vp, reason, rip uint64, cause any, stopped bool) {
	l := console.Say(console.Err).Str("fault of ours in exit ").Dec(reason & 0xffff).Str(" of VP ").Dec(vp).Str(" at ").Hex(rip).Str(": ")
	if f, ok := cause.(*kernel.Fault); ok {
		l.Str("exception ").Dec(f.Vector).Str(" at ").Hex(f.RIP).Str(", address ").Hex(f.CR2)
	} else {
		l.Str(text(cause))
	}
	if stopped {
		l.Str("; that was once too often").End()
	} else {
		l.Str("; the exit is repeated").End()
	}
}
