package mm

import "strconv"

// Owner is who a frame belongs to.
type Owner uint64

// Owners. Root is partition 0; the other partitions follow it.
const (
	_        Owner = iota
	Free           // nobody
	Firmware       // ACPI's tables and what firmware keeps; nobody else gets it
	Loader         // what the loader left and is still needed
	Home           // an instance of the hypervisor
	Kept           // kept state
	Shared         // memory that root and the hypervisor have together: rings of disks
	Root           // partition 0

	numOwners = Root + maxPartitions
)

// maxPartitions is how many partitions can own memory.
const maxPartitions = 64

// Partition returns the owner that is partition id.
//
//go:nosplit
func Partition(id uint64) Owner { return Root + Owner(id) }

// String returns the name of o.
func (o Owner) String() string {
	switch {
	case o == Root:
		return "root"
	case o > Root && o < numOwners:
		return "partition " + strconv.FormatUint(uint64(o-Root), 10)
	case o >= Free && o < Root:
		return [...]string{Free: "free", Firmware: "firmware", Loader: "loader", Home: "home", Kept: "kept state", Shared: "shared"}[o]
	}
	return "unknown"
}
