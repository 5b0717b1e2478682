package partition

import (
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/net"
)

// Who waits for another processor, which may hang, goes on watching: with interrupts off
// there is no timer that would call it away, and if all wait nobody else is left to.

// watches says which processors do, as they have nothing to repair any more. A candidate's
// do not: the records are not theirs.
var watches [MaxCPUs]bool

// whileWaiting has everybody who waits call watchOn, in the runtime's scheduler too.
func whileWaiting() {
	kernel.OnWait, console.OnWait, net.Relax = watchOn, watchOn, relax
	console.Self, kernel.OnNMI = self, beat
}

// self returns which processor the caller is on, counted from 1.
//
//go:nosplit
func self() uint32 { return uint32(kernel.This().Index()) + 1 }

// relax is one step of waiting for another processor.
//
//go:nosplit
func relax() {
	x86.PAUSE()
	farWatchOn()
}

// farWatchOn is out of the linker's sight.
var farWatchOn = watchOn

// watchOn looks after the next processor, if it is time to.
//
//go:nosplit
func watchOn() {
	i := kernel.This().Index() & (MaxCPUs - 1)
	if !watches[i] || tab.Host.WatchLen == 0 {
		return
	}
	c := &tab.CPUs[i]
	if now := x86.RDTSC(); c.Watch.At <= now {
		c.Watch.Steps++ // who waits for somebody else gets on
		c.watch(now)
	}
}
