package partition

import (
	"perdure/boot"
	"perdure/mm/addr"
	"perdure/mm/phys"
)

// bootPage sees the first page of a home as what it is.
func bootPage(home addr.HPA) *boot.Page {
	// SAFETY: the home is a candidate's, a frame of memory that nothing of ours lies in.
	return (*boot.Page)(phys.At(home))
}
