package kept

import "perdure/mm/addr"

// Report is what a check found.
type Report struct {
	Examined uint64 // how many things were looked at
	Wrong    uint64 // how many of them are not as they must be
	First    uint64 // address of the first that is not
}

// Note counts one thing, at an address, that is right or not.
func (r *Report) Note(ok bool, at uint64) {
	r.Examined++
	if ok {
		return
	}
	if r.Wrong == 0 {
		r.First = at
	}
	r.Wrong++
}

// Check looks at the root page, the directories and the tags. At rest each table
// has its own pages, and no page is fixed that holds neither a directory, nor
// tags, nor a table.
func Check() (r Report) {
	if arena.root == nil {
		return r
	}
	h := &arena.root.head
	r.Note(Sealed(h, KindRoot) && h.Base == arena.base && h.Bytes == Size(), uint64(arena.base))
	_, ok := choice(arena.root.InForce)
	r.Note(ok, uint64(arena.base))
	for _, d := range arena.dirs {
		for k := range d {
			if l := &d[k]; l.Sum != 0 {
				r.Note(l.good(Kind(k)), uint64(arena.base)+l.Offset)
			}
		}
	}
	held := holders()
	for i, t := range arena.tags {
		code, ok := t.code()
		n := held[i]
		r.Note(ok && n <= 1 && (code == tagFixed) == (n == 1), uint64(arena.base)+uint64(i)*addr.PageSize)
	}
	return r
}

// Repair frees the pages of a table that was being made when a reset came, and
// returns how many there were.
func Repair() (n uint64) {
	for i, held := range holders() {
		if held == 0 && swap(uint64(i), tagFixed, tagFree) {
			n++
		}
	}
	return n
}

// holders returns for each page how many of the directories, the tags and the
// tables have it. A table in both directories has it once.
func holders() []uint8 {
	held := make([]uint8, arena.pages)
	for i := range fixedPages + tagPages(arena.pages) {
		held[i]++
	}
	hold := func(l *line, k Kind) {
		if !l.good(k) {
			return
		}
		for i := l.Offset / addr.PageSize; l.at(i); i++ {
			held[i]++
		}
	}
	hold(&arena.root.Change, KindRoot)
	for k := range maxKinds {
		ours, others := &arena.dirs[arena.own][k], &arena.dirs[arena.own^1][k]
		hold(ours, Kind(k))
		if *others != *ours {
			hold(others, Kind(k))
		}
	}
	return held
}
