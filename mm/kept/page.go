package kept

import "perdure/mm/addr"

// Page hands out one page of zeros.
func Page(o Owner) (addr.HPA, error) { return Pages(o, 1) }

// Pages hands out n pages of zeros in a row.
func Pages(o Owner, n uint64) (addr.HPA, error) {
	r := arena.r
	if r == nil {
		return 0, errNoArena
	}
	if n == 0 || o == Nobody {
		return 0, errFull
	}
	first, ok := find(n)
	if !ok {
		return 0, errFull
	}
	base := addr.HPA(r.Base + first*addr.PageSize)
	zero(base, n)
	for i := first; i < first+n; i++ {
		arena.owners[i] = o
	}
	return base, nil
}

// find returns the first of n free pages in a row, the highest ones there are.
func find(n uint64) (first uint64, ok bool) {
	free := uint64(0)
	for p := uint64(len(arena.owners)); p > arena.r.First/addr.PageSize; p-- {
		if arena.owners[p-1] != Nobody {
			free = 0
			continue
		}
		if free++; free == n {
			return p - 1, true
		}
	}
	return 0, false
}

// Free takes one page back.
func Free(page addr.HPA) {
	if i, ok := number(page); ok && arena.owners[i] != Arena {
		arena.owners[i] = Nobody
	}
}

// FreeAll takes every page of o back and returns how many there were.
func FreeAll(o Owner) (n int) {
	if o == Nobody || o == Arena {
		return 0
	}
	for i := range arena.owners {
		if arena.owners[i] == o {
			arena.owners[i] = Nobody
			n++
		}
	}
	return n
}

// OwnerOf returns whom a page of the arena belongs to.
func OwnerOf(page addr.HPA) Owner {
	if i, ok := number(page); ok {
		return arena.owners[i]
	}
	return Nobody
}

// Used returns how many bytes of the arena are in use, and how many there are.
func Used() (used, all uint64) {
	for _, o := range arena.owners {
		if o != Nobody {
			used += addr.PageSize
		}
	}
	return used, uint64(len(arena.owners)) * addr.PageSize
}

// number returns which page of the arena this is.
func number(page addr.HPA) (i uint64, ok bool) {
	if arena.r == nil || uint64(page) < arena.r.Base {
		return 0, false
	}
	i = (uint64(page) - arena.r.Base) / addr.PageSize
	return i, i < uint64(len(arena.owners))
}
