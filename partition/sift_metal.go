//go:build metal

package partition

import (
	"perdure/mm/kept"
	"perdure/partition/tx"
)

// sift takes out of a log what leads out of kept state: to apply it would fail again and
// again, in each recovery.
//
//go:nosplit
func sift(l *tx.Log) {
	from := uint64(kept.Root().HVA())
	l.Sift(from, from+kept.Size())
}
