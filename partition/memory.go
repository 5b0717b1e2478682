package partition

import (
	"perdure/kernel"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// describeMemory fills in who has the machine's memory.
func describeMemory(m *abi.Memory) {
	t := mm.Totals()
	m.Root, m.Free, m.Kept, m.Home = t[mm.Root], t[mm.Free], t[mm.Kept], t[mm.Home]
	m.Guests = t[mm.Shared]
	for id := uint64(1); id < MaxPartitions; id++ {
		m.Guests += t[mm.Partition(id)]
	}
	m.KeptUsed = kept.Used()
	p := kernel.Boot()
	m.HomeStart, m.Image, m.HomeUsed = uint64(p.Home), p.FileSize, kernel.HomeUsed()
}
