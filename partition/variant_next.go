//go:build next

package partition

import (
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// vpSince is what the record of a VP has that it did not always have.
type vpSince struct {
	Switches uint64 `kept:"drop"` // times that a processor took it on
	Longest  uint64 `kept:"drop"` // TSC ticks that it waited for a processor at most
}

// Waits is how often a partition's VPs had to wait for long: a kept record.
type Waits struct {
	Long uint64 // times that one waited for longer than a slice
}

var _ = kept.Declare[Waits](kept.KindWaits, MaxPartitions, kept.Drop)

// waits is derived: it is found again at any time.
var waits *[MaxPartitions]Waits

// took counts that a processor has taken v on.
//
//go:nosplit
func (v *VP) took() { v.Switches++ }

// waited counts that v has waited for a processor.
//
//go:nosplit
func (v *VP) waited(ticks uint64) {
	v.Waited += ticks
	v.Longest = max(v.Longest, ticks)
	if ticks > tab.Host.SliceLen && waits != nil {
		waits[v.Part&(MaxPartitions-1)].Long++
	}
}

// count adds to r what this version counts.
func (v *VP) count(r *abi.Counters) {
	r.Switches += v.Switches
	r.Longest = max(r.Longest, v.Longest)
}

// variantFeatures are those that this version has.
const variantFeatures = abi.FeatWaits

// openVariant finds the tables that this version has.
func openVariant() error {
	w, err := kept.Table[Waits](kept.KindWaits, MaxPartitions)
	if err == nil {
		waits = (*[MaxPartitions]Waits)(w)
	}
	return err
}
