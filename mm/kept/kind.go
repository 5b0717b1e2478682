package kept

// Kind is the number of a kind of record. Numbers are never used again.
type Kind uint64

// Kinds of records, and who makes them.
const (
	_              Kind = iota
	KindRoot            // this package: the root page
	KindExtents         // mm: who owns which memory, two tables of which one counts
	KindExtentsOld      // mm: the other one
	KindHost            // partition: what there is once
	KindPartitions      // partition
	KindVPs             // partition
	KindProcessors      // partition: what a dispatcher knows of its processor
	KindTimers          // kernel time
	KindRoutes          // interrupt routes
	KindLogRing         // kernel/console: the log
	KindCounters        // counters of the whole machine
	KindTrace           // trace rings
	KindJournal         // journals of long work
	KindEpitaph         // kernel/fail: the first failure
	KindMM              // mm: which of its two tables counts
)
