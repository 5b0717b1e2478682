//go:build !metal

package kept

import (
	"testing"

	"perdure/mm/addr"
)

// Every single bit of every tag is put right, but for what may be free: that stays with
// an owner, and what may be one of two owners' stays as it is.
func TestMend(t *testing.T) {
	begin(t, 17)
	if _, err := Table[record](KindVPs, 100); err != nil {
		t.Fatal(err)
	}
	page, err := Page(3) // its code is 4
	if err != nil {
		t.Fatal(err)
	}
	free := int(arena.pages - Used()/addr.PageSize)
	at := addr.HPA(base + fixedPages*addr.PageSize)
	was := append([]tag(nil), arena.tags...)
	for _, x := range []struct {
		name  string
		has   []Owner
		wrong int // tags that are another one's afterwards
		left  int
	}{
		{"alone", []Owner{3}, 2 * free, 0}, // a free page's bit 2 makes it owner 3's, in either half
		{"beside others", []Owner{3, 4}, 2 * free, 2},
	} {
		wrong, left := 0, 0
		for bit := range uint64(17 * 32) {
			flip(at, bit)
			n := Mend(func(o Owner) bool { return o == x.has[0] || o == x.has[len(x.has)-1] })
			switch i := bit / 32; {
			case n == 0:
				left++
			case arena.tags[i] != was[i]:
				if was[i] != newTag(tagFree) || arena.tags[i] != newTag(4) {
					t.Errorf("%s: bit %d: %#x became %#x", x.name, bit, was[i], arena.tags[i])
				}
				wrong++
			}
			copy(arena.tags, was)
		}
		if wrong != x.wrong || left != x.left {
			t.Errorf("%s: %d are another one's, %d left", x.name, wrong, left)
		}
	}
	if n := Mend(func(Owner) bool { return true }); n != 0 || Check().Wrong != 0 {
		t.Errorf("%d mended where nothing is wrong", n)
	}
	if o, ok := OwnerOf(page); o != 3 || !ok {
		t.Errorf("%d, %v", o, ok)
	}
}
