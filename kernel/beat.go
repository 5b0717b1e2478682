package kernel

// Beat is what a processor remembers from one NMI of the machine's clock to the next.
type Beat struct {
	At     uint64 // TSC value at which the last one came
	Seen   uint64 // how far the processor was
	Missed uint64 // how many have come since and found it no further
}

// NMI says what an NMI is that no reset is about.
type NMI uint64

// What it can be.
const (
	NMIUnasked NMI = iota // nobody knows
	NMIBeat               // the machine's clock
	NMIHangs              // the same, and nobody gets on
)

// OnNMI tells it, in the middle of anything, with whatever locks held: it may read and write
// words, and no more. Package partition sets it, before an instance is sealed.
var OnNMI = func() NMI { return NMIUnasked }
