package mm

import "perdure/mm/kept"

// Print is a checksum of who has which frame, and which page of kept state: what
// was given out and is all back has left no trace in it.
func Print() uint64 {
	sum := kept.Print()
	for _, e := range Extents() {
		sum = kept.Sum(sum, uint64(e.Start), e.Pages, uint64(e.Owner))
	}
	return sum
}
