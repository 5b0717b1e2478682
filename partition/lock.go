package partition

import "perdure/kernel/console"

// A partition's device lock is held for an exit, by a processor that has its number in it.

// lock takes p's device lock for the exit that is being handled; the commit
// gives it back.
//
//go:nosplit
func (c *CPU) lock(p *Partition) {
	for !cas(&p.Lock, 0, c.Index+1) {
		relax()
	}
	c.Locked = p.ID + 1
}

// openLocks opens the locks that this processor holds after a fault of ours, which may
// have come between a lock and the note of it.
//
//go:nosplit
func (c *CPU) openLocks() {
	for i := range tab.Partitions {
		cas(&tab.Partitions[i].Lock, c.Index+1, 0)
	}
	c.Locked = 0
	console.Drop()
}

// unlock gives the lock back, if one is held.
//
//go:nosplit
func (c *CPU) unlock() {
	if c.Locked != 0 {
		release(&Lookup(c.Locked - 1).Lock)
		c.Locked = 0
	}
}
