package abi

// Check is the report of a self check: CallCheck. A check is long, so it is made
// in steps; the same request asked again tells how far it is.
type Check struct {
	Header
	Request  uint64 // the number that began it
	State    CheckState
	Progress uint32 // thousandths
	Items    [NumCheckItems]CheckItem
}

// CheckState is how far a check is.
type CheckState uint32

// States of a check.
const (
	_            CheckState = iota
	CheckRunning            // ask again
	CheckDone               // the items are the answer
)

// CheckItem is one thing that was looked at.
type CheckItem struct {
	Verdict  Verdict
	_        uint32
	Examined uint64 // how many records, frames or entries
	Wrong    uint64 // how many of them are not as they must be
	First    uint64 // address or index of the first that is not
}

// Verdict is the answer about one item.
type Verdict uint32

// Verdicts; an item that this hypervisor does not check stays 0.
const (
	VerdictNone Verdict = iota
	VerdictGood
	VerdictBad
)

// What is looked at, the index of Items.
const (
	ItemKept     = iota // checksums of kept records
	ItemFrames          // every frame has one owner
	ItemEPT             // no partition maps a frame of the hypervisor's
	ItemEPTOwner        // every frame that a partition maps is its own or a device's
	ItemHome            // the instance's page tables: nothing is both writable and executable
	ItemGolden          // the golden copy's checksum
	ItemStacks          // guard pages are unmapped
	ItemVMCS            // host state of every VMCS is ours
	NumCheckItems
)

var itemNames = [NumCheckItems]string{
	"kept-records", "frame-owners", "ept-no-hypervisor-frame", "ept-own-frames", "write-xor-execute",
	"golden-copy", "stack-guards", "vmcs-host-state",
}

// ItemName returns the name of an item of a check.
func ItemName(i int) string {
	if i < 0 || i >= NumCheckItems {
		return "unknown"
	}
	return itemNames[i]
}
