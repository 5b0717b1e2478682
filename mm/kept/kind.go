package kept

// Kind names a table of kept records. A number is never given out twice.
type Kind uint32

// Kinds.
const (
	_              Kind = iota
	KindHost            // what there is once
	KindPartitions      // partitions
	KindVPs             // virtual processors
	KindCPUs            // dispatchers
	KindExtents         // who owns which frames
	KindFrames          // which set of extents is in force
	KindConsole         // the console and its log
	KindVMXON           // VMXON regions, by processor
	KindReports         // what was told of restarts and resets
	KindExtended        // extended state of virtual processors that do not run
	kinds
)

var names = [kinds]string{
	KindHost: "host", KindPartitions: "partitions", KindVPs: "virtual processors", KindCPUs: "processors",
	KindExtents: "extents", KindFrames: "frames", KindConsole: "console", KindVMXON: "VMXON regions", KindReports: "reports", KindExtended: "extended state",
}

// String returns the name of k.
func (k Kind) String() string {
	if k < kinds && names[k] != "" {
		return names[k]
	}
	return "unknown"
}
