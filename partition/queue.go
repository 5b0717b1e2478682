package partition

// A processor's queue is the set of VPs that have their home on it: a bit each
// in CPU.Queue, by index.

// queued returns the VP with the lowest index of a set that is not empty.
//
//go:nosplit
func queued(q uint64) *VP { return &tab.VPs[trailing(q)&(MaxVPs-1)] }

// bit is v's in a set of VPs.
//
//go:nosplit
func (v *VP) bit() uint64 { return 1 << (v.index() & (MaxVPs - 1)) }

// bit is c's in a set of processors.
//
//go:nosplit
func (c *CPU) bit() uint64 { return 1 << (c.Index & (MaxCPUs - 1)) }

// active is the bit of the VP that c has, 0 if it has none.
//
//go:nosplit
func (c *CPU) active() uint64 {
	if c.Active == 0 {
		return 0
	}
	return 1 << ((c.Active - 1) & (MaxVPs - 1))
}

// pick returns the VP that runs next here, nil if none wants to.
//
//go:nosplit
func (c *CPU) pick(now uint64) *VP {
	asked := c.Balance
	c.Balance = 0
	best, want := c.survey(now)
	if want&(want-1) != 0 || best == nil || asked != 0 {
		if best == nil {
			c.sleepy(true)
		}
		if c.steal(best, now) {
			best, want = c.survey(now)
		}
	}
	if best != nil && tab.Host.Idle&c.bit() != 0 {
		c.sleepy(false)
	}
	slice := never
	if others := want & (want - 1); others != 0 || best != nil && called.Load() {
		slice = now + tab.Host.SliceLen
		if others != 0 {
			c.spread(want&^best.bit(), now)
		}
	}
	c.Yields = 0
	if slice != c.Slice {
		c.Slice = slice
		c.Rearm = 1
	}
	return best
}

// survey finds those of c's VPs that want to run, and which of them is to.
//
//go:nosplit
func (c *CPU) survey(now uint64) (best *VP, want uint64) {
	fresh := uint64(0)
	for q := c.Queue; q != 0; q &= q - 1 {
		v := queued(q)
		switch {
		case v.Holder != 0 && v.Holder != c.Index+1: // being taken away
		case !v.runnable():
			v.Ready = 0
		case v.mask()&c.bit() == 0:
			c.exile(v)
		default:
			want |= q & -q
			best = v
			if v.Ready == 0 {
				v.Ready = now
				fresh |= q & -q
			}
		}
	}
	if want&(want-1) == 0 {
		c.Contended = 0
		return best, want
	}
	c.meet(&fresh, want)
	best = leading(want)
	c.VTime = best.VTime
	tab.Host.level()
	if best.bit() == c.Yields {
		best = leading(want &^ c.Yields)
	}
	return best, want
}

// leading returns the first of a set of VPs that is not empty.
//
//go:nosplit
func leading(q uint64) *VP {
	best := queued(q)
	for q &= q - 1; q != 0; q &= q - 1 {
		if v := queued(q); v.first(best) {
			best = v
		}
	}
	return best
}

// meet brings those VPs near to the others that have newly come to want; if
// there were no others, all of them to where the whole machine is.
//
//go:nosplit
func (c *CPU) meet(fresh *uint64, want uint64) {
	if c.Contended == 0 {
		c.Contended, c.VTime = 1, tab.Host.VTime
		*fresh = want
	}
	for q := *fresh; q != 0; q &= q - 1 {
		queued(q).join(c.VTime, tab.Host.SliceLen)
	}
}

// look is pick for a processor that is running a VP: should another one have it,
// the VP leaves; should another one have a turn, there will be one.
//
//go:nosplit
func (c *CPU) look(now uint64) {
	if c.Active == 0 || c.Leave != 0 {
		return
	}
	a := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
	if a.Running == 0 {
		return // the top of the loop is near
	}
	if c.Balance != 0 || a.mask()&c.bit() == 0 {
		c.Leave = 1
		return
	}
	fresh := uint64(0)
	for q := c.Queue &^ c.active(); q != 0; q &= q - 1 {
		if v := queued(q); v.Ready == 0 && v.Holder == 0 && v.runnable() {
			fresh |= q & -q
		}
	}
	if fresh != 0 {
		c.welcome(a, fresh, now)
	}
}

// welcome is for VPs that have come to want c while a runs on it.
//
//go:nosplit
func (c *CPU) welcome(a *VP, fresh, now uint64) {
	a.charge(now, now)
	for q := fresh; q != 0; q &= q - 1 {
		queued(q).Ready = now
	}
	come := fresh
	c.meet(&come, fresh|c.active())
	for q := fresh; q != 0; q &= q - 1 {
		if before(queued(q).VTime+tab.Host.SliceLen/4, a.VTime) {
			c.Leave = 1
			return
		}
	}
	if c.Slice == never {
		c.Slice = now + tab.Host.SliceLen
		c.Rearm = 1
	}
	c.spread(fresh, now)
}
