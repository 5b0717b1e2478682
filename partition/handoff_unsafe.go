package partition

import (
	"perdure/kernel"
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// seatAt returns the seat at a.
//
//go:nosplit
func seatAt(a addr.HPA) *kernel.Seat {
	// SAFETY: a is a page of the other instance's home, which stays mapped.
	return (*kernel.Seat)(phys.At(a))
}
