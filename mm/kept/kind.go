package kept

// Kind names a table of kept records. A number is never given out twice: it is
// the table's line in the directory, for older and newer versions too.
type Kind uint64

// Kinds. 40 is given to a later version's.
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

// kinds has the name of each, the version of its record, and the oldest version
// that this build can take over. The version rises whenever a field comes, goes
// or changes its meaning; the oldest one, when what is older no longer means what
// the layouts say (hhr/record).
var kinds = [maxKinds]struct {
	name           string
	version, reads uint64
}{
	KindRoot:       {"root page", 1, 1},
	KindHost:       {"host", 1, 1},
	KindPartitions: {"partitions", 1, 1},
	KindVPs:        {"virtual processors", versionVPs, 1},
	KindCPUs:       {"processors", 1, 1},
	KindExtents:    {"extents", 1, 1},
	KindFrames:     {"frames", 1, 1},
	KindConsole:    {"console", 1, 1},
	KindVMXON:      {"VMXON regions", 1, 1},
	KindReports:    {"reports", 1, 1},
	KindLog:        {"log", 1, 1},
	KindTrace:      {"trace", 1, 1},
	KindGolden:     {"golden image", 1, 1},
	KindExtended:   {"extended state", 1, 1},
	KindSwitch:     {"switch", 1, 1},
}

// String returns the name of k.
func (k Kind) String() string {
	if k < maxKinds && kinds[k].name != "" {
		return kinds[k].name
	}
	return "unknown"
}
