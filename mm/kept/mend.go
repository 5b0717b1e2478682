package kept

import (
	"math/bits"
	"sync/atomic"
)

// Mend puts right what has one wrong bit: the root page, the lines of the directory in use,
// and the tags that can mean only one thing. It returns how many there were. has says
// whether there is such an owner. What may be free or somebody's stays his: a page that
// nobody uses comes back when he goes, one that two use does not.
func Mend(has func(Owner) bool) (n uint64) {
	if arena.root == nil {
		return 0
	}
	if Correct(&arena.root.head, KindRoot) {
		n++
	}
	for k := range arena.dirs[arena.own] {
		if arena.dirs[arena.own][k].correct() {
			n++
		}
	}
	var held []uint8
	for i := range arena.tags {
		t := tag(atomic.LoadUint32((*uint32)(&arena.tags[i])))
		low, high := uint16(t), ^uint16(t>>16)
		if bits.OnesCount16(low^high) != 1 {
			continue
		}
		if held == nil {
			held = holders()
		}
		can := func(code uint16) bool {
			if code == tagFixed || held[i] != 0 {
				return code == tagFixed && held[i] == 1
			}
			return code == tagFree || has(Owner(code-1))
		}
		code := max(low, high)
		switch {
		case can(code) && can(min(low, high)) && min(low, high) != tagFree:
			continue // one owner's or the other's
		case !can(code):
			code = min(low, high)
		}
		if can(code) && atomic.CompareAndSwapUint32((*uint32)(&arena.tags[i]), uint32(t), uint32(newTag(code))) {
			n++
		}
	}
	return n
}
