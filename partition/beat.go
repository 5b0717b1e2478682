package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
)

// The first processor is watched by the machine: counter 0 of its 8254 makes an NMI 18 times
// in a second, which comes also where interrupts are off. So a hang is noticed with one
// processor, and with several if all hang, since each of the others is watched by one that
// this finds to get on.

// A beat of the machine's clock, in parts of a second, and how early one may come to count as
// one: where NMIs are blocked for a while one is late, and the next one seems to be early.
const (
	beats      = 18
	beatsEarly = 24
)

// What port 0x61 says of NMIs that are the chipset's: a channel's check, an error of the bus.
const (
	timerGate = 0x61
	nmiReason = 0xc0
)

// Beats without progress that make a hang; of a processor that has lent itself, two seconds of
// them.
const (
	missedBeats = 2
	missedLent  = 2 * beats
)

// The 8254: counter 0 counts as slowly as it can.
const (
	timerData    = 0x40
	timerControl = 0x43
	timerSlowest = 0x34 // counter 0, mode 2, both bytes
)

// chip is how the machine's 8254 is reached.
var chip = struct {
	in  func(port uint16) uint8
	out func(port uint16, v uint8)
}{x86.IN8, x86.OUT8}

// startBeat has the machine's clock beat, if it is ours. It may be done again at any time.
func startBeat() {
	gsi := tab.Host.NMILine - 1
	if gsi >= MaxLines || gsi == tab.Host.ConsoleGSI || Lookup(0).Lines[gsi].Owned != 0 {
		return
	}
	chip.out(timerControl, timerSlowest)
	chip.out(timerData, 0)
	chip.out(timerData, 0)
	apic.RouteNMI(uint32(gsi), uint32(tab.CPUs[0].APICID))
}

// beat is asked what an NMI is that no reset is about, and looks whether the first processor
// has got on since the one before it.
//
//go:nosplit
func beat() kernel.NMI {
	h, k := tab.Host, kernel.This()
	if h == nil || h.NMILine == 0 || k.Index() != 0 {
		return kernel.NMIUnasked
	}
	if chip.in(timerGate)&nmiReason != 0 {
		return kernel.NMIUnasked
	}
	now, b := x86.RDTSC(), &k.Beat
	if now-b.At < h.TSCHz/beatsEarly {
		return kernel.NMIBeat
	}
	b.At = now
	c := &tab.CPUs[0]
	seen := atomic.LoadUint64(&c.Exits) + atomic.LoadUint64(&c.Watch.Steps)
	if seen != b.Seen || h.WatchLen == 0 || !watches[0] || atomic.LoadUint64(&meeting.state) != meetNone {
		b.Seen, b.Missed = seen, 0
		return kernel.NMIBeat
	}
	b.Missed++
	if b.Missed < c.patience(h) {
		return kernel.NMIBeat
	}
	b.Missed = 0
	return kernel.NMIHangs
}

// patience is how many beats c may go without progress: as many as the option "watchdog="
// has room for, if it has any.
//
//go:nosplit
func (c *CPU) patience(h *Host) uint64 {
	more := h.WatchLen * looks * beats / max(h.TSCHz, 1)
	if c.lends() {
		return missedLent + more
	}
	return missedBeats + more
}

// belated has this processor look after what its own timer should have called it for, if that
// is long overdue: the beat has ended a guest's run that nothing else would have.
//
//go:nosplit
func (c *CPU) belated() {
	now := x86.RDTSC()
	if l := tab.Host.WatchLen; l != 0 && int64(now-c.Watch.At) > int64(overdue*l) {
		c.Armed = never
		c.due(now)
		c.after()
	}
}
