package partition

import (
	"sync/atomic"

	"perdure/partition/lapic"
	"perdure/partition/tx"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// VPState is what a dispatcher may do with a virtual processor.
type VPState uint64

const (
	VPNone     VPState = iota // the record is unused
	VPRun                     // wants a processor
	VPHalted                  // executed HLT: until an event
	VPWaitSIPI                // after INIT: until a start-up IPI
	VPDecode                  // its MMIO instruction is with the control goroutine
	VPCall                    // its hypercall is with the control goroutine
	VPStopped                 // until its partition is reset or destroyed
)

// String returns the word that tools print.
func (s VPState) String() string {
	return [...]string{"none", "run", "halted", "wait-sipi", "decode", "call", "stopped", "?"}[s&7]
}

// Events that divert a VP before it is entered. Set atomically by anybody,
// cleared by the dispatcher that runs the VP.
const (
	EvIntr   uint64 = 1 << iota // its LAPIC may have something to deliver
	EvNMI                       // an NMI is pending
	EvINIT                      // it was sent INIT
	EvSIPI                      // it was sent a start-up IPI; the vector is in SIPI
	EvStop                      // its partition is being stopped
	EvFault                     // inject the exception in Fault
	EvStart                     // its VMCS wants its first state
	EvHold                      // its partition's Hold has changed
	EvSnap                      // its state is asked for: Host.Dump
	EvButton                    // the power button of its partition was pressed
	EvKick                      // every device of its partition is to be looked at
	EvHost                      // its VMCS leads to another instance: to be loaded here once
	EvSettle                    // its LAPIC was switched off: it forgets
	EvDoubt                     // what leads to its running may be wrong: see doubt
)

// VP is one virtual processor: a kept record. Ctx must stay first, its address
// is what the exit stub gets from HOST_RSP.
//
// At rest: Log.N is 0 or Ctx.Commit has CommitLog; Inject does not have accepting.
type VP struct {
	Ctx   vmx.Context
	Log   tx.Log
	LAPIC lapic.State
	Wired uint64 // 1: the 8259s and the 8254 of its partition interrupt it, 2: only the 8254 does

	State   VPState `kept:"use"`
	Events  uint64  // Ev bits
	Part    uint64  // index of its partition
	ID      uint64  // number within the partition, which is its APIC id too
	CPU     uint64  // index of the processor that is its home
	Holder  uint64  // 1 + index of the processor that has its VMCS or has claimed it, 0: none
	Running uint64  // TSC from which on it has not been charged for running, 0: it does not run
	Ready   uint64  // TSC from which on it waits for a processor, 0: it does not
	VTime   uint64  // what it has paid for running; see share.go

	VMCS     uint64 // HPA
	Identity uint64 // checksum of what does not change
	Instance uint64 // generation of the host state in its VMCS
	HostFS   uint64 // FS base in its VMCS's host state

	Inject    uint64 // event in the VM-entry interruption-information field, 0: none; and perhaps accepting
	InjErr    uint64 // and its error code
	Fault     uint64 // exception to inject: vector | 1<<11 if it has an error code
	FaultErr  uint64
	SIPI      uint64 // vector of the start-up IPI
	Window    uint64 // 1 while interrupt-window exiting is on, 2: NMI-window exiting
	NotBefore uint64 // deadline of the timer interrupt that is being delivered, 0: none
	Slept     uint64 // 1: the VP was halted when that timer fired
	Primary   uint64 // primary controls as written, without the windows

	Entry Entry  // how it starts (EvStart)
	Fresh uint64 // 1: its VMCS has not been set up

	XCR0     uint64
	MTRR     [48]uint64 // see exit_msr_mtrr.go
	Insn     Fetched    // the instruction that waits for its decoding
	Snapshot Snapshot   // its state when its partition was stopped
	Call     Call       // the hypercall that waits for the control goroutine
	Exits    [vmcs.NumReasons]uint64
	Bad      uint64 // faults injected because of what the guest did
	Calls    uint64 // hypercalls
	BadCalls uint64 // of these refused

	vpSince
	Unwound Unwound
	In      uint64 // interrupts injected
	Ran     uint64 // TSC ticks spent inside the guest, up to when it was last charged
	Waited  uint64 // TSC ticks that it waited for a processor
}

// raise notes events for v and makes the processor that runs it look.
//
//go:nosplit
func (v *VP) raise(ev uint64) {
	atomic.OrUint64(&v.Events, ev)
	v.kick()
}

// partition returns v's partition.
//
//go:nosplit
func (v *VP) partition() *Partition { return Lookup(v.Part) }

// runnable reports whether a dispatcher should pick v.
//
//go:nosplit
func (v *VP) runnable() bool {
	if v.Events&(EvSnap|EvHost) != 0 && v.VMCS != 0 {
		return true
	}
	if v.partition().Hold != 0 {
		return false
	}
	switch v.State {
	case VPRun:
		return true
	case VPHalted:
		return v.Events != 0
	case VPWaitSIPI:
		return v.Events&(EvSIPI|EvINIT|EvStop) != 0
	}
	return false
}

// Entry is how a VP starts: a kept record.
type Entry struct {
	Mode                       uint64 // an abi.EntryMode; 0 is EntryLong
	RIP, RSP, RAX, RBX, RSI    uint64
	CR3, GDT, GDTLimit, CS, DS uint64
}
