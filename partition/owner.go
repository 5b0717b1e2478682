package partition

// OwnerOf returns the number of the partition that has the VP with index i,
// MaxPartitions if none has.
func OwnerOf(i uint64) uint64 {
	for id := range tab.Partitions {
		if p := &tab.Partitions[id]; p.State != Free && i >= p.FirstVP && i-p.FirstVP < p.VPs {
			return uint64(id)
		}
	}
	return MaxPartitions
}
