package partition

import (
	"perdure/kernel/console"
	"perdure/partition/abi"
)

// State is where a partition stands in its life.
type State uint64

// States.
const (
	Free       State = iota // the record is unused
	Creating                // being made, or made anew, by the control goroutine
	Running                 // its VPs run when they want to
	Stopped                 // broken; its report is in Why
	Created                 // may be loaded and started
	Paused                  // by command
	Off                     // switched off, by itself or by command
	Again                   // it wants to begin anew: root loads and starts it
	Destroying              // everything is being given back
)

// String returns the word that tools print.
func (s State) String() string { return stateWords[s%State(len(stateWords))].String() }

// stateWords are the states in the words of abi. What runs is told by its VPs.
var stateWords = [...]abi.State{
	Free: 0, Creating: abi.StateCreating, Running: abi.StateRunning, Stopped: abi.StateStopped, Created: abi.StateCreated,
	Paused: abi.StatePaused, Off: abi.StateQuiesced, Again: abi.StateReset, Destroying: abi.StateDestroying,
}

// state returns p's state in the words of abi.
func (p *Partition) state() abi.State { return stateWords[p.State%State(len(stateWords))] }

// Reasons for an end, kept in Partition.Why.
const (
	WhyNone         uint64 = iota
	WhyUnexpected          // an exit that we never asked for
	WhyEntryFailed         // the processor refused the VP's state
	WhyTripleFault         // and nobody to reset it
	WhyBadAccess           // memory that it does not have, by an instruction we cannot decode
	WhyHandlerFault        // our handler for its exit failed again and again
	WhyNotMade             // its creation failed
	WhyHalted              // switched off by itself
	WhyReset               // it reset itself
	WhyCommand             // switched off by command
	WhyOutside             // a candidate reached for what is not its own
	WhyGaveUp              // a candidate halted for good
	WhyDamaged             // its records are damaged
)

// ends says for each reason how a report puts it, and in which state it leaves
// a guest.
var ends = [...]struct {
	text  string
	state State
}{
	WhyNone:         {"no reason", Stopped},
	WhyUnexpected:   {"an exit that was never asked for", Stopped},
	WhyEntryFailed:  {"the processor refused to enter it", Stopped},
	WhyTripleFault:  {"triple fault", Again},
	WhyBadAccess:    {"an event whose tables or stack are where there is no memory", Stopped},
	WhyHandlerFault: {"the hypervisor's handler for its exit failed repeatedly", Stopped},
	WhyNotMade:      {"it could not be created", Stopped},
	WhyHalted:       {"it switched itself off", Off},
	WhyReset:        {"it reset itself", Again},
	WhyCommand:      {"switched off by command", Off},
	WhyOutside:      {"an access to memory that it may not reach", Stopped},
	WhyGaveUp:       {"it halted for good", Stopped},
	WhyDamaged:      {"its records are damaged", Stopped},
}

// ended says why p came to an end.
func (p *Partition) ended() string { return ends[p.Why%uint64(len(ends))].text }

// sayEnd logs one line about p's end.
func (p *Partition) sayEnd() {
	console.Say(console.Info).Str("partition ").Bytes(name(p)).Str(": ").Str(p.ended()).End()
}
