//go:build prev

package partition

import "perdure/partition/abi"

// vpSince is empty: see variant.go.
type vpSince struct{}

// took counts nothing.
//
//go:nosplit
func (v *VP) took() {}

// waited counts that v has waited for a processor.
//
//go:nosplit
func (v *VP) waited(ticks uint64) { v.Waited += ticks }

// count adds nothing.
func (v *VP) count(*abi.Counters) {}

// variantFeatures are those that this version has.
const variantFeatures = 0

// openVariant finds the tables that this version has.
func openVariant() error { return nil }
