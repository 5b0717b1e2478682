//go:build !metal

package mm

import (
	"testing"

	"perdure/mm/kept"
)

// What is given out shows in the checksum, and what is back does not.
func TestPrint(t *testing.T) {
	begin(t, small())
	before := Print()
	if again := Print(); again != before {
		t.Fatalf("%#x, then %#x", before, again)
	}
	at, err := Alloc(2*mib, 2*mib, Partition(1))
	if err != nil {
		t.Fatal(err)
	}
	if Print() == before {
		t.Error("memory that was given out does not show")
	}
	if err := Release(at, 2*mib, Partition(1)); err != nil {
		t.Fatal(err)
	}
	if got := Print(); got != before {
		t.Errorf("memory that is back shows: %#x, was %#x", got, before)
	}
	const owner = 5
	if _, err := kept.Page(owner); err != nil {
		t.Fatal(err)
	}
	if Print() == before {
		t.Error("a page of kept state that was given out does not show")
	}
	kept.FreeOwner(owner)
	if got := Print(); got != before {
		t.Errorf("a page that is back shows: %#x, was %#x", got, before)
	}
}
