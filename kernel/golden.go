package kernel

import "perdure/kernel/pages"

// HeapSize is what the Go heap may grow to: fixed, so that an instance that is
// sealed needs no memory any more.
const HeapSize = 8 << 20

// What an NMI means to a processor, in CPU.gate.
const (
	gateNormal  = iota
	gateParked  // a reset is under way; wait for its end
	gateLeading // this processor carries it out
)

// goldenState is what a reset needs; it is no part of what a reset throws away.
type goldenState struct {
	taken    uint64
	roots    [2]uint64 // CR3 of each set
	active   uint64    // the set in use
	pristine uint64    // the other set is as it was taken
	repaired uint64    // pages of the other set that are; Repair goes on from there
	lead     uint64    // processor that carries out a reset, plus 1
	parked   uint64    // processors that wait for its end
	epoch    uint64    // resets that have ended
	arrived  uint64    // processors that stand in Golden
	ready    uint64    // the golden copy is: goldenTaken, goldenRefused
	halted   uint64    // the instance has failed: an NMI is the end
	armed    uint64    // an NMI is asked for and means a reset
	x2       uint64    // local APICs are reached by MSR
	deadline uint64    // their timers take TSC values
	apic     uint64    // else: where they are seen
	stamp    uint64    // TSC at which the last reset began
	switches uint64    // resets that changed sets; the others copied
	copied   uint64    // pages that the last copying reset copied
	idt      uint64    // checksum of the IDT
	recovers uint64    // somebody repairs what a reset leaves: a failure ends in one
	tries    uint64    // failures since the last one was overcome
	led      uint64    // processor that carried out the last reset, plus 1
	stub     uint64    // where the code begins that saves a guest's registers, and how long it is
	stubSize uint64
	landing  uint64 // the same of what is before it, where faults are made: there too the registers are the guest's
	landed   uint64
	copying  uint64 // the last reset copied
	standby  uint64 // HVA of the seat of an instance that waits for this one to fail for good, 0: none
	beyond   uint64 // what is damaged that no reset makes good, 0: nothing; see Crash.Reboot
	back     uint64 // HVA of the seat of the instance that a failure leads back to, 0: none
	mended   uint64 // pages that were damaged and have been put right
	lost     uint64 // and times that one was seen that cannot be
	wrong    uint64 // 1: code was found damaged, and nobody has been told yet
	cr0      uint64 // control registers of every processor
	cr4      uint64
	sets     pages.Golden
}

// Values of goldenState.ready.
const (
	goldenTaken   = 1
	goldenRefused = 2
)

// Stats are figures about resets.
type Stats struct {
	Pages    uint64 // volatile pages
	Copies   uint64 // of them not all zeros when the golden copy was taken
	Resets   uint64
	Switches uint64 // resets that changed sets; the others copied
	Copied   uint64 // pages that the last copying reset copied
	Copying  bool   // the last one did
	Stamp    uint64 // TSC at which the last reset began
	Unasked  uint64 // NMIs that nobody asked for
	Home     uint64 // bytes of the home in use
}
