package kept

import (
	"errors"
	"strconv"
	"sync"

	"perdure/mm/addr"
)

// line is a table's line in the directory. It counts once Sum is right; Sum is
// written last, so a line is there or it is not.
type line struct {
	Kind    Kind
	Offset  uint64 // from the root page
	Stride  uint64 // bytes of a record
	Count   uint64 // records
	Version uint64 // of the record
	Sum     uint64 // 0: the line is empty
}

// making guards the directory. It is volatile: after a reset nobody holds it.
var making sync.Mutex

// Unlock opens it, after a fault of ours that ended who had it.
func Unlock() { making = sync.Mutex{} }

var errNoArena = errors.New("kept state: there is no arena yet")

// Table returns the table of kind k: count records of type T. It finds the
// table that is there, and makes one of zeros if there is none. A table that is
// there and has other records is an error and stays as it is.
func Table[T any](k Kind, count int) ([]T, error) {
	at, err := table(k, sizeOf[T](), uint64(count))
	if err != nil {
		return nil, err
	}
	return recordsAt[T](at, count), nil
}

// Lookup returns where the table of kind k is and what it looks like; ok is
// false if there is none.
func Lookup(k Kind) (at addr.HPA, stride, count uint64, ok bool) {
	if arena.root == nil || k >= maxKinds {
		return 0, 0, 0, false
	}
	l := &arena.dirs[arena.own][k]
	if !l.good(k) {
		return 0, 0, 0, false
	}
	return arena.base + addr.HPA(l.Offset), l.Stride, l.Count, true
}

// table finds or makes a table.
func table(k Kind, stride, count uint64) (addr.HPA, error) {
	if arena.root == nil {
		return 0, errNoArena
	}
	if k == KindRoot || k >= maxKinds || kinds[k].name == "" || stride == 0 || stride%8 != 0 || count == 0 || count > MaxSize/stride {
		return 0, errors.New("kept state: no table of " + k.String() + " with " + describe(stride, count) + " can be")
	}
	making.Lock()
	defer making.Unlock()
	l := &arena.dirs[arena.own][k]
	if l.Sum == 0 {
		return l.fill(k, stride, count, kinds[k].version)
	}
	if !l.good(k) {
		return 0, errors.New("kept state: the directory's line of the table of " + k.String() + " is damaged")
	}
	if l.Stride != stride || l.Count != count || l.Version != kinds[k].version {
		return 0, errors.New("kept state: the table of " + k.String() + " has " + describe(l.Stride, l.Count) + " of version " +
			strconv.FormatUint(l.Version, 10) + ", not " + describe(stride, count) + " of version " + strconv.FormatUint(kinds[k].version, 10))
	}
	return arena.base + addr.HPA(l.Offset), nil
}

// fill makes a new table.
func (l *line) fill(k Kind, stride, count, version uint64) (addr.HPA, error) {
	n := (stride*count + addr.PageSize - 1) / addr.PageSize
	at, err := pages(tagFixed, n)
	if err != nil {
		return 0, errors.New("kept state: no room for the table of " + k.String() + ", " + describe(stride, count) + ": " + err.Error())
	}
	l.Kind, l.Offset, l.Stride, l.Count, l.Version = k, uint64(at-arena.base), stride, count, version
	l.Sum = l.sum()
	return at, nil
}

// good reports whether l is the line of a table of kind k.
func (l *line) good(k Kind) bool {
	return l.Sum != 0 && l.Sum == l.sum() && l.Kind == k && l.Stride != 0 && l.Count <= MaxSize/l.Stride &&
		l.Offset <= Size() && l.Stride*l.Count <= Size()-l.Offset
}

func describe(stride, count uint64) string {
	return strconv.FormatUint(count, 10) + " records of " + strconv.FormatUint(stride, 10) + " bytes"
}

// at reports whether page i of the arena is in l's table.
func (l *line) at(i uint64) bool {
	return i >= l.Offset/addr.PageSize && i*addr.PageSize < l.Offset+l.Stride*l.Count
}
