package kept

import (
	"errors"

	"perdure/mm/addr"
)

// The arena has two directories. One of them is in force: it leads to the tables
// of the instance that has the machine. An instance that is to have it next and
// has the same tables finds them there. For one with other tables the other
// directory is staged: it leads to the same tables where they are the same, and
// to new ones elsewhere. Which of the two is in force changes in one store.

// choice returns which directory w names; newChoice is the other way round.
//
//go:nosplit
func choice(w uint64) (n uint64, ok bool) { return w & 1, w == newChoice(w&1) }

//go:nosplit
func newChoice(n uint64) uint64 { return n | ^n<<32 }

// Staged is a table as the next instance wants it.
type Staged struct {
	Kind                   Kind
	Stride, Count, Version uint64
	Share                  bool // it is the same as ours
}

var (
	errShare  = errors.New("kept state: a table to be shared is not there")
	errNotOwn = errors.New("kept state: another instance's tables are in force")
)

// Stage makes the other directory one with the tables asked for, those that are
// not shared full of zeros, and a Change of zeros. What was staged before is
// given back.
func Stage(tables []Staged) (*Change, error) {
	if err := Unstage(); err != nil {
		return nil, err
	}
	making.Lock()
	defer making.Unlock()
	other := arena.dirs[arena.own^1]
	for _, s := range tables {
		if s.Kind == KindRoot || s.Kind >= maxKinds || s.Stride == 0 || s.Stride%8 != 0 || s.Count == 0 || s.Count > MaxSize/s.Stride {
			return nil, errors.New("kept state: no table of " + s.Kind.String() + " with " + describe(s.Stride, s.Count) + " can be")
		}
		switch ours := &arena.dirs[arena.own][s.Kind]; {
		case !s.Share:
			if _, err := other[s.Kind].fill(s.Kind, s.Stride, s.Count, s.Version); err != nil {
				return nil, err
			}
		case !ours.good(s.Kind) || ours.Stride != s.Stride || ours.Count != s.Count || ours.Version != s.Version:
			return nil, errShare
		default:
			other[s.Kind] = *ours
		}
	}
	if _, err := arena.root.Change.fill(KindRoot, sizeOf[Change](), 1, 1); err != nil {
		return nil, err
	}
	return changing(), nil
}

// InForce reports whether this instance's tables are.
func InForce() bool { return arena.root == nil || arena.root.InForce == newChoice(arena.own) }

// Other returns where the other directory has its table of kind k, 0 if it has none.
func Other(k Kind) addr.HPA {
	if l := &arena.dirs[arena.own^1][k]; l.good(k) {
		return arena.base + addr.HPA(l.Offset)
	}
	return 0
}

// Unstage gives back what only the other directory leads to, and the Change. It
// is for the instance whose tables are in force: before another one has the
// machine, or when that one is here to stay.
func Unstage() error {
	making.Lock()
	defer making.Unlock()
	if arena.root == nil {
		return errNoArena
	}
	if arena.root.InForce != newChoice(arena.own) {
		return errNotOwn
	}
	if c := changing(); c != nil {
		for i := range c.Layouts {
			freeSpan(&c.Layouts[i])
		}
		arena.root.Change.empty(KindRoot)
	}
	ours, other := arena.dirs[arena.own], arena.dirs[arena.own^1]
	for k := range other {
		if other[k] == ours[k] {
			other[k] = line{}
		} else {
			other[k].empty(Kind(k))
		}
	}
	return nil
}

// empty gives the table's pages back.
func (l *line) empty(k Kind) {
	was := *l
	*l = line{}
	if !was.good(k) {
		return
	}
	for i := was.Offset / addr.PageSize; was.at(i); i++ {
		swap(i, tagFixed, tagFree)
	}
}

// Store puts b into pages of the hypervisor's and notes in s where they are.
func (s *Span) Store(b []byte) error {
	at, err := Pages(Hypervisor, (uint64(len(b))+addr.PageSize-1)/addr.PageSize)
	if err != nil {
		return err
	}
	copy(Bytes(uint64(at), uint64(len(b)), 0), b)
	*s = Span{uint64(at), uint64(len(b))}
	return nil
}

// Load returns what Store has put there.
func (s *Span) Load() []byte {
	if s.Bytes == 0 {
		return nil
	}
	return Bytes(s.At, s.Bytes, 0)
}

func freeSpan(s *Span) {
	for a := s.At; a < s.At+s.Bytes; a += addr.PageSize {
		Free(Hypervisor, addr.HPA(a))
	}
}

// Follow makes the other directory this instance's: for one that is to be the
// next and was told so, before it looks for a table.
func Follow() error {
	if changing() == nil || !changing().Good() {
		return errNoChange
	}
	arena.own ^= 1
	return nil
}

var errNoChange = errors.New("kept state: no other tables have been made")
