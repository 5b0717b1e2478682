package mm

import (
	"errors"

	"perdure/mm/addr"
)

// Pass gives [start, start+size), all of which must belong to from, to another
// owner. What has been passed already may be passed again.
func Pass(start addr.HPA, size uint64, from, to Owner) error {
	return change(func(old, s *set) error {
		if !start.Aligned(addr.PageSize) || size%addr.PageSize != 0 || to <= Free || to >= numOwners ||
			!old.all(start, size, from) && !old.all(start, size, to) {
			return errors.New("memory: what is to be passed on does not belong to " + from.String())
		}
		return s.paint(old, start, start+addr.HPA(size), func(Owner) Owner { return to })
	})
}
