package partition

import (
	"perdure/boot"
	"perdure/mm"
	"perdure/mm/addr"
)

// Every instance begins below 4 GiB, and so must find a home there, and its image
// a place. A root whose memory goes beyond leaves it some.
const (
	spareSize = 192 << 20
	homesEnd  = 1 << 32
)

// spare is what root leaves: at the end of the last RAM below 4 GiB that is large
// enough, but for what root's own tables may take; nothing if root does not get all
// of that RAM anyway.
func (o *BootOrder) spare() boot.Region {
	m := boot.Map(o.Map[:o.Regions])
	if m.Top() <= homesEnd {
		return boot.Region{}
	}
	for i := len(m) - 1; i >= 0; i-- {
		end := m[i].End() &^ (addr.Page2M - 1)
		if m[i].Kind != boot.RAM || end > homesEnd || uint64(end-m[i].Start) < 2*spareSize {
			continue
		}
		if uint64(end) > o.Limit {
			break
		}
		at := end - addr.Page2M - spareSize
		for _, file := range [...]boot.Region{{Start: addr.HPA(o.Initrd), Size: o.InitrdSize}, {Start: addr.HPA(o.Kernel), Size: o.KernelSize}} {
			if file.Start < at+spareSize && at < file.End() {
				at = (file.Start - spareSize) &^ (addr.Page2M - 1)
			}
		}
		return boot.Region{Start: max(at, m[i].Start), Size: spareSize, Kind: boot.Ours}
	}
	return boot.Region{}
}

// claim gives root its memory, and returns how much that is.
func (o *BootOrder) claim(root mm.Owner) (got uint64, err error) {
	s := o.spare()
	if s.Size == 0 {
		return mm.Claim(0, o.Limit, root)
	}
	if got, err = mm.Claim(0, uint64(s.Start), root); err != nil {
		return got, err
	}
	more, err := mm.Claim(s.End(), o.Limit-uint64(s.End()), root)
	return got + more, err
}
