package kept

// Kind names a table of kept records. A number is never given out twice: it is
// the table's line in the directory, for older and newer versions too.
type Kind uint64

// Kinds.
const (
	KindRoot       Kind = iota // the arena itself; its line is empty
	KindHost                   // what there is once
	KindPartitions             // partitions
	KindVPs                    // virtual processors
	KindCPUs                   // dispatchers
	KindExtents                // who owns which frames
	KindFrames                 // which set of extents is in force
	KindConsole                // the console and its log
	KindVMXON                  // VMXON regions, by processor
	KindReports                // what is told of restarts and resets
	KindLog                    // the log's ring
	KindTrace                  // the last exits of each processor
	KindGolden                 // the golden image
	KindExtended               // extended state of virtual processors that do not run
	KindSwitch                 // the network switch between partitions
	numKinds
)

// maxKinds is how many there is room for in the directory.
const maxKinds = 64

var _ [maxKinds - numKinds]byte

// kinds has the name of each, and the version of its record. The version rises
// when a field changes its meaning and the size of the record does not tell.
var kinds = [numKinds]struct {
	name    string
	version uint64
}{
	KindRoot:       {"root page", 1},
	KindHost:       {"host", 1},
	KindPartitions: {"partitions", 1},
	KindVPs:        {"virtual processors", 1},
	KindCPUs:       {"processors", 1},
	KindExtents:    {"extents", 1},
	KindFrames:     {"frames", 1},
	KindConsole:    {"console", 1},
	KindVMXON:      {"VMXON regions", 1},
	KindReports:    {"reports", 1},
	KindLog:        {"log", 1},
	KindTrace:      {"trace", 1},
	KindGolden:     {"golden image", 1},
	KindExtended:   {"extended state", 1},
	KindSwitch:     {"switch", 1},
}

// String returns the name of k.
func (k Kind) String() string {
	if k < numKinds {
		return kinds[k].name
	}
	return "unknown"
}
