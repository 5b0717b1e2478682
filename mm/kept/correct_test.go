//go:build !metal

package kept

import (
	"testing"

	"perdure/mm/addr"
)

// Every single bit of a sealed record and of a line is put right; two are not, and are left.
func TestCorrect(t *testing.T) {
	r, at, bits := atRest(t)
	was := *r
	for bit := range bits {
		flip(at, bit)
		if !Correct(r, KindVPs) || *r != was {
			t.Fatalf("bit %d: %+v", bit, *r)
		}
	}
	if Correct(r, KindVPs) {
		t.Error("nothing was wrong")
	}
	flip(at, 200)
	flip(at, 300)
	damaged := *r
	if Correct(r, KindVPs) || *r != damaged {
		t.Errorf("two bits: %+v", *r)
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
