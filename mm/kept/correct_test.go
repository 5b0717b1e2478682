//go:build !metal

package kept

import (
	"testing"

	"perdure/mm/addr"
)

// Every single bit of a sealed record and of a line is put right; two are not, and are left.
func TestCorrect(t *testing.T) {
	begin(t, 17)
	rs, err := Table[record](KindVPs, 100)
	if err != nil {
		t.Fatal(err)
	}
	rs[0] = record{A: 1, B: ^uint64(0), C: [5]uint32{1, 2, 3, 4, 5}}
	Seal(&rs[0], KindVPs)
	was := rs[0]
	at, size, _, _ := Lookup(KindVPs)
	for bit := range size * 8 {
		flip(at, bit)
		if !Correct(&rs[0], KindVPs) || rs[0] != was {
			t.Fatalf("bit %d: %+v", bit, rs[0])
		}
	}
	if Correct(&rs[0], KindVPs) {
		t.Error("nothing was wrong")
	}
	flip(at, 200)
	flip(at, 300)
	damaged := rs[0]
	if Correct(&rs[0], KindVPs) || rs[0] != damaged {
		t.Errorf("two bits: %+v", rs[0])
	}
	l := &arena.dirs[arena.own][KindVPs]
	good := *l
	begins := addr.HPA(base + sizeOf[root]() - sizeOf[directory]() + sizeOf[line]()*uint64(KindVPs))
	for bit := range 8 * sizeOf[line]() {
		flip(begins, bit)
		if !l.correct() || *l != good {
			t.Fatalf("bit %d of the line: %+v", bit, *l)
		}
	}
}
