package load

import (
	"fmt"

	"perdure/boot"
	"perdure/mm/addr"
	"perdure/partition/linux"
)

// room knows which of a guest's memory is free for what a loader lays down.
type room struct {
	ram   []span
	taken []span
}

// span is a stretch of memory.
type span struct{ at, end uint64 }

func (s span) overlaps(t span) bool { return s.at < t.end && t.at < s.end }

// newRoom returns the free memory below 4 GiB.
func newRoom(m []linux.Range) *room {
	r := &room{}
	for _, x := range m {
		if x.Kind == boot.RAM && uint64(x.Start) < 1<<32 {
			r.ram = append(r.ram, span{uint64(x.Start), uint64(x.End())})
		}
	}
	return r
}

// segment takes the memory that a kernel's segment is linked to.
func (r *room) segment(s segment) error {
	want := span{s.at, s.at + s.mem}
	for _, t := range r.taken {
		if want.overlaps(t) {
			return elfError(fmt.Sprintf("has segments that overlap at %#x", max(want.at, t.at)))
		}
	}
	for _, m := range r.ram {
		if want.at >= m.at && want.end <= m.end {
			r.taken = append(r.taken, want)
			return nil
		}
	}
	return &Error{fmt.Sprintf("it is linked to memory from %#x to %#x and the guest has none there", want.at, want.end),
		fmt.Sprintf("a guest has memory from 0 to %#x and from %#x on; give it more, or link the kernel elsewhere", uint64(lowEnd), uint64(high))}
}

// lowest takes n bytes, page-aligned, as low as can be from from on.
func (r *room) lowest(from, n uint64, what string) (uint64, error) {
	for _, m := range r.ram {
		at := up(max(m.at, from))
	again:
		for at < m.end && n <= m.end-at {
			want := span{at, at + n}
			for _, t := range r.taken {
				if want.overlaps(t) {
					at = up(t.end)
					continue again
				}
			}
			r.taken = append(r.taken, want)
			return at, nil
		}
	}
	return 0, &Error{fmt.Sprintf("%s, %d KiB, does not fit into the guest's memory beside the kernel", what, n>>10), "give it more memory"}
}

func up(n uint64) uint64 { return (n + addr.PageSize - 1) &^ (addr.PageSize - 1) }
