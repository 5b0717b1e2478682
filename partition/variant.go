//go:build !next && !prev

package partition

import "perdure/partition/abi"

// The build tags prev and next make an earlier version of this one and a later
// one, which lacks a field, and has a field, a record and something to show for it
// more: so restarts between versions can be tried out from one source.

// vpSince is what the record of a VP has that it did not always have.
type vpSince struct {
	Switches uint64 `kept:"drop"` // times that a processor took it on
}

// took counts that a processor has taken v on.
//
//go:nosplit
func (v *VP) took() { v.Switches++ }

// waited counts that v has waited for a processor.
//
//go:nosplit
func (v *VP) waited(ticks uint64) { v.Waited += ticks }

// count adds to r what this version counts.
func (v *VP) count(r *abi.Counters) { r.Switches += v.Switches }

// variantFeatures are those that this version has.
const variantFeatures = 0

// openVariant finds the tables that this version has.
func openVariant() error { return nil }
