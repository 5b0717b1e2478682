package abi

// Partition is one virtual machine in the list of them: CallPartitions.
type Partition struct {
	Header
	ID         uint32
	State      State
	VPs        uint32
	Rights     uint32
	Memory     uint64 // bytes that it owns
	Exits      uint64 // of all its VPs
	Run        uint64 // TSC ticks that its VPs ran
	Created    uint64 // TSC
	CallErrs   uint64 // hypercalls of its that were answered by an Errno
	Name       [32]byte
	Reason     [64]byte // why it stopped, as text
	Weight     uint32   // its share of the processors
	Progress   uint32   // of what it is in the middle of, thousandths
	CPUs       uint64   // bit n: it may run on processor n
	Overhead   uint64   // bytes of kept state that are there for it
	Errno      int64    // why its creation failed, an Errno
	Halts      uint64   // resets, power-offs and stops of it so far
	ConsoleEnd uint64   // position after the newest byte of its console
	Waited     uint64   // TSC ticks that its VPs wanted a processor and had none
}

// State is what a partition or a VP is doing.
type State uint32

// States; 0 is no state at all.
const (
	_               State = iota
	StateReady            // wants to run
	StateRunning          // in a guest now
	StateHalted           // waits for an interrupt
	StateWaiting          // waits for its start by INIT and SIPI
	StatePaused           // held by command
	StateStopped          // over; Reason says why
	StateQuiesced         // switched off, by itself or by command
	StateCreating         // memory is being cleared
	StateCreated          // may be loaded and started
	StateDestroying       // everything is being given back
	StateReset            // wants to begin anew: OpReset, load, OpStart
	numStates
)

// String returns the state's name as hvctl prints it.
func (s State) String() string {
	names := [numStates]string{"?", "ready", "running", "halted", "waiting", "paused", "stopped", "off",
		"creating", "created", "destroying", "reset"}
	if s >= numStates {
		return "?"
	}
	return names[s]
}

// NumReasons is the length of a table by basic exit reason. SDM Vol. 3D, "VMX
// Basic Exit Reasons".
const NumReasons = 80

// Counters are what one VP, or all of a partition, has done: CallCounters.
type Counters struct {
	Header
	Partition uint32
	VP        uint32 // AllVPs for the sum
	State     State
	CPU       uint32 // processor that it runs on or ran on last
	APICID    uint32
	VPs       uint32 // how many VPs are in the sum
	Now       uint64 // TSC at this call
	Run       uint64 // TSC ticks in the guest
	Exits     [NumReasons]uint64
	Calls     uint64 // hypercalls
	CallErrs  uint64 // of these answered by an Errno
	Injected  uint64 // interrupts given to the guest
	GPs       uint64 // #GP given for what it may not do
	Unwound   uint64 // exits dropped and repeated after a fault of ours
	Waited    uint64 // TSC ticks that it wanted a processor and had none
	Switches  uint64 // times that a processor took it on
	Longest   uint64 // TSC ticks that it waited for a processor at most, 0: this version does not measure it
}

// NumLines is the length of the table of device lines.
const NumLines = 176

// Lines are a partition's interrupt lines, by global system interrupt: CallLines.
type Lines struct {
	Header
	Partition uint32
	N         uint32 // lines that exist
	Line      [NumLines]Line
}

// Line is one interrupt line. An edge or a level that the guest has acknowledged
// counts once on each side.
type Line struct {
	In  uint64 // arrived from the machine
	Out uint64 // made pending in the guest's local APIC
}
