package partition

import (
	"runtime"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/partition/abi"
)

// info returns the record of the machine as it is now.
func info() *abi.Info {
	h := tab.Host
	r, m := &scratch.info, &scratch.mem
	*r = h.Info
	runtime.ReadMemStats(m)
	r.Now, r.Start, r.RootStart = x86.RDTSC(), h.Start, h.RootTSC
	r.Generation, r.Resets, r.CPUs = h.Generation, h.Resets, uint32(h.CPUs)
	if h.Standby.ready() {
		r.Flags |= abi.InfoSpare
	}
	r.Partitions = 0
	for i := range tab.Partitions {
		if tab.Partitions[i].State != Free {
			r.Partitions++
		}
	}
	r.LogEnd = tab.Console.LogEnd
	r.Mallocs, r.Collections = m.Mallocs, uint64(m.NumGC)
	r.HeapUsed, r.HeapSize = m.HeapInuse, kernel.HeapSize
	r.Features = features()
	describeMemory(&r.Mem)
	r.Owners = mm.Print()
	return r
}
