//go:build !metal

package mm

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
)

func TestAttach(t *testing.T) {
	begin(t, small())
	if _, err := Alloc(gib/8, gib/8, Partition(2)); err != nil {
		t.Fatal(err)
	}
	before, root := extents(), kept.Root()
	table.sets, table.frames = nil, nil
	if _, err := Alloc(1, 1, Root); err != errNotStarted {
		t.Error(err)
	}
	if _, ok := OwnerOf(0); ok || Extents() != nil {
		t.Error("an owner from no table")
	}
	if err := Attach(root); err != nil {
		t.Fatal(err)
	}
	expect(t, before)
	s := current()
	s.E[3].Pages++
	if err := Attach(root); !errors.Is(err, errDamaged) {
		t.Error(err)
	}
	if r := Check(); r.Wrong == 0 {
		t.Errorf("%+v", r)
	}
	if err := Attach(root + addr.PageSize); err == nil {
		t.Error("kept state where there is none")
	}
}

// TestAttachMeanwhile attaches while the other instance goes on: its sets change under the eyes
// of who looks at them, and none is damaged for that.
func TestAttachMeanwhile(t *testing.T) {
	begin(t, small())
	root, over := kept.Root(), make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-time.After(20 * time.Microsecond):
				for range 4 {
					own(gib, gib, Root)
				}
			}
		}
	})
	for range 2000 {
		if err := Attach(root); err != nil {
			t.Error(err)
			break
		}
	}
	close(over)
	others.Wait()
}

// TestHalfAChange drops changes before they are in force, as a reset does.
func TestHalfAChange(t *testing.T) {
	begin(t, small())
	before := extents()
	err := change(func(old, s *set) error {
		if err := s.paint(old, 0, 4*gib, func(Owner) Owner { return Root }); err != nil {
			return err
		}
		return errFull
	})
	if err != errFull {
		t.Error(err)
	}
	expect(t, before)
	if _, err := Claim(0, 4*gib, Root); err != nil {
		t.Error(err)
	}
	if err := ReleaseAll(Root); err != nil {
		t.Error(err)
	}
	if _, err := Claim(2*mib, 3*mib+1, Loader); err != nil {
		t.Error(err)
	}
	if _, err := Claim(221*mib-1, 1, Loader); err != nil {
		t.Error(err)
	}
	expect(t, before)
}

// TestTooManyPieces fills the table of extents: the last change is refused whole.
func TestTooManyPieces(t *testing.T) {
	begin(t, small())
	var err error
	for at := addr.HPA(4 * gib); err == nil && at < 4*gib+255*mib; at += 8 * kib {
		_, err = Claim(at, 4*kib, Partition(3))
	}
	if err != errFull {
		t.Fatal(err)
	}
	expect(t, extents())
	if err := ReleaseAll(Partition(3)); err != nil {
		t.Error(err)
	}
	if n := len(Extents()); n != 11 {
		t.Errorf("%d extents", n)
	}
}

// TestEveryBitCounts changes bits of the set in force.
func TestEveryBitCounts(t *testing.T) {
	begin(t, small())
	at, size, _, _ := kept.Lookup(kept.KindExtents)
	at += addr.HPA(size * table.frames.Current)
	for bit := uint64(0); bit < size*8; bit += 61 {
		w := at + addr.HPA(bit/64*8)
		phys.Store(w, phys.Load(w)^1<<(bit%64))
		if r := Check(); r.Wrong == 0 {
			t.Errorf("bit %d does not count", bit)
		}
		phys.Store(w, phys.Load(w)^1<<(bit%64))
	}
	expect(t, extents())
}

// TestRandomOwners compares many random changes with a list of frames.
func TestRandomOwners(t *testing.T) {
	l := small()
	for seed := range uint64(10) {
		begin(t, l)
		r := rand.New(rand.NewPCG(seed, 2))
		model := map[addr.Frame]Owner{}
		for _, e := range Extents() {
			for f := e.Start; f < e.End(); f++ {
				model[f] = e.Owner
			}
		}
		for range 40 {
			start, size := addr.HPA(r.Uint64N(64)*4*mib), r.Uint64N(2048)*4*kib
			if r.IntN(2) == 0 {
				start += 4 * gib
			}
			o := Partition(r.Uint64N(4))
			switch r.IntN(4) {
			case 0, 1:
				if _, err := Claim(start, size, o); err != nil {
					t.Fatal(err)
				}
				for f := start.Frame(); f < (start + addr.HPA(size)).Frame(); f++ {
					if model[f] == Free || model[f] == Loader {
						model[f] = o
					}
				}
			case 2:
				at, err := Alloc(size, 64*kib, o)
				for f := at.Frame(); err == nil && f < (at+addr.HPA(size)).Frame(); f++ {
					if model[f] != Free {
						t.Fatalf("%#x was %v's", f.Addr(), model[f])
					}
					model[f] = o
				}
			case 3:
				if err := ReleaseAll(o); err != nil {
					t.Fatal(err)
				}
				for f := range model {
					if model[f] == o {
						model[f] = Free
					}
				}
			}
		}
		n := 0
		for _, e := range Extents() {
			for f := e.Start; f < e.End(); f++ {
				if model[f] != e.Owner {
					t.Fatalf("%#x is %v's, want %v", f.Addr(), e.Owner, model[f])
				}
				n++
			}
		}
		if n != len(model) {
			t.Errorf("%d frames, want %d", n, len(model))
		}
		expect(t, extents())
	}
}

func TestNames(t *testing.T) {
	var names []string
	for o := range numOwners + 1 {
		names = append(names, o.String())
	}
	if got := strings.Join(names[:10], ","); got != "unknown,free,firmware,loader,home,kept state,shared,root,partition 1,partition 2" || names[numOwners] != "unknown" {
		t.Error(got)
	}
	slices.Sort(names)
	if n := len(slices.Compact(names)); n != int(numOwners) {
		t.Errorf("%d names for %d owners", n, numOwners)
	}
}

// TestManyAtOnce lets goroutines take and give memory: nobody gets what is
// another's.
func TestManyAtOnce(t *testing.T) {
	begin(t, small())
	before := extents()
	var all sync.WaitGroup
	for id := range uint64(8) {
		all.Go(func() {
			o := Partition(id)
			for round := range uint64(50) {
				n := (round%7 + 1) * 4 * kib
				at, err := Alloc(n, 0, o)
				if err != nil {
					t.Error(err)
					return
				}
				if where, other := HasNot(at, n, o); other {
					t.Errorf("%v has no %#x", o, where)
				}
				if err := Release(at, n, o); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	expect(t, before)
}
