package mm

import (
	"errors"
	"sync"
	"sync/atomic"

	"perdure/mm/kept"
)

// frames says which of the two sets of extents is in force: a kept record. The
// other set is what was in force before the last change, or half of a change
// that nobody finished.
type frames struct {
	Current uint64 // 0 or 1
	Pages   uint64 // frames that have an owner; never changes
}

var (
	_ = kept.Declare[set](kept.KindExtents, 2)
	_ = kept.Declare[frames](kept.KindFrames, 1)
)

// table is where the kept records are: found again at every start.
var table struct {
	sets   []set
	frames *frames
	lock   sync.Mutex // volatile: after a reset nobody holds it
}

var (
	errNotStarted = errors.New("nobody owns any memory yet")
	errDamaged    = errors.New("the table of extents is damaged")
)

// open finds the kept records, or makes them.
func open() error {
	sets, err := kept.Table[set](kept.KindExtents, 2)
	if err != nil {
		return err
	}
	f, err := kept.Table[frames](kept.KindFrames, 1)
	if err != nil {
		return err
	}
	table.sets, table.frames = sets, &f[0]
	return nil
}

// current returns the set that is in force.
func current() *set { return &table.sets[atomic.LoadUint64(&table.frames.Current)&1] }

// read lets f look at the set in force, if there is one.
func read(f func(s *set)) {
	if table.frames == nil {
		return
	}
	table.lock.Lock()
	defer table.lock.Unlock()
	f(current())
}

// Drop opens the lock, after a fault of ours that ended who had it: the control goroutine,
// since nobody else takes it once there are partitions.
func Drop() { table.lock = sync.Mutex{} }

// change lets f make a new set from the old one and puts it in force; if f
// fails, nothing has changed.
func change(f func(old, s *set) error) error {
	if table.frames == nil {
		return errNotStarted
	}
	table.lock.Lock()
	defer table.lock.Unlock()
	next := ^table.frames.Current & 1
	old, s := current(), &table.sets[next]
	if err := f(old, s); err != nil {
		return err
	}
	s.Seq = old.Seq
	kept.Seal(s, kept.KindExtents)
	atomic.StoreUint64(&table.frames.Current, next)
	return nil
}
