package fault

import (
	"fmt"
	"strconv"
	"strings"

	"perdure/partition/abi"
)

// A Class is what became of a fault; the classes exclude each other.
type Class string

// Classes. What the hypervisor noticed is one of the three in the middle.
const (
	NotReached Class = "not reached"     // the instruction did not come; counts for nothing
	Quiet      Class = "nothing noticed" // by nobody: not manifested, or not yet
	Silent     Class = "silent damage"   // the hypervisor noticed nothing, but somebody's state is wrong
	Clean      Class = "recovered"       // noticed, and nobody lost anything
	OneLost    Class = "one guest lost"  // noticed; a guest was lost, the rest and a new one work
	Failed     Class = "failed"          // noticed or not: more is lost than that
)

// Beyond is how a fault of a sweep came to be in the next exit: the answer was over before.
const Beyond = "the next exit's"

// refused is how a fault was not made that the hypervisor would not take the order for.
const refused = "refused"

// A Result is what is known of one fault.
type Result struct {
	Tuple   string
	Class   Class
	How     string `json:",omitempty"` // it was noticed and overcome, or failed
	Build   string `json:",omitempty"` // of the hypervisor
	Boot    int    // which boot of the campaign it was in
	Place   int    // how many faults had been made in that boot before
	Fired   uint64 `json:",omitempty"` // ticks
	At      uint64 `json:",omitempty"` // instruction of the hypervisor where it was made
	Resets  uint64 `json:",omitempty"`
	Unwound uint64 `json:",omitempty"`
	Detect  uint64 `json:",omitempty"` // ticks from the fault to noticing it
	First   uint64 `json:",omitempty"` // from there until the first processor went on
	Last    uint64 `json:",omitempty"` // until all did
	Copied  uint64 `json:",omitempty"` // pages that the reset had to copy
	Notes   string `json:",omitempty"`
	Alone   bool   `json:",omitempty"` // it was the only one on its copy of the machine
	Unseen  bool   `json:",omitempty"` // it ended the copy, of which the hypervisor had not said that it noticed anything
}

// Fields of root's second line, in their order.
const (
	fNumber = iota
	fRefused
	fMade
	fResets
	fUnwound
	fLate
	fLost
	fBad0
	fBad1
	fNew
	fFired
	fAt
	fNoticed
	fBegan
	fFirst
	fLast
	fCause
	fReason
	fVector
	fWhere
	fCopied
	fExit
	fWhose
	numFields
)

// never is what root says of what it did not try.
const never = ^uint64(0)

// fields takes a line apart.
func fields(line string) (f [numFields]uint64, err error) {
	words := strings.Fields(line)
	if len(words) != numFields {
		return f, fmt.Errorf("a line of %d words: %q", len(words), line)
	}
	for i, w := range words {
		if f[i], err = strconv.ParseUint(w, 16, 64); err != nil {
			return f, err
		}
	}
	return f, nil
}

// judge says what became of a fault by root's line about it.
func judge(f *[numFields]uint64) (r Result) {
	r.Resets, r.Unwound, r.Fired, r.At, r.Copied = f[fResets], f[fUnwound], f[fFired], f[fAt], f[fCopied]
	whole := f[fLate] == 0 && f[fBad0]|f[fBad1] == 0 && f[fLost] == 0 && (f[fNew] == 0 || f[fNew] == never)
	noticed := f[fResets] != 0 || f[fUnwound] != 0
	if f[fResets] != 0 {
		cause, rung, why := abi.ResetCause(f[fCause]&0xffffffff), abi.Rung(f[fCause]>>32), abi.RungReason(f[fReason]&0xffffffff)
		r.How = fmt.Sprintf("%v: %v", cause, rung)
		r.Notes = fmt.Sprintf("%v, vector %d at %#x, exit %d of partition %d", why, f[fVector], f[fWhere], f[fExit], f[fWhose]&0xffffffff)
		if f[fNoticed] >= f[fFired] && f[fFirst] >= f[fNoticed] && f[fFirst] != never {
			r.Detect, r.First, r.Last = f[fNoticed]-f[fFired], f[fFirst]-f[fNoticed], f[fLast]-f[fNoticed]
		}
	} else if f[fUnwound] != 0 {
		r.How = "panic: unwind"
	}
	switch {
	case f[fRefused] != 0:
		r.Class, r.How = NotReached, refused
	case !noticed && !whole:
		r.Class = Silent
	case f[fMade] == 0 && !noticed:
		r.Class = NotReached
	case !noticed:
		r.Class = Quiet
	case f[fNew] != 0 && f[fNew] != never, f[fBad0]|f[fBad1] != 0, f[fLate]&^6 != 0, f[fLost] > 1:
		r.Class = Failed
	case f[fLost] == 1:
		r.Class = OneLost
	default:
		r.Class = Clean
	}
	if !whole {
		r.Notes += fmt.Sprintf("; late %#x lost %d bad %#x %#x new %d", f[fLate], f[fLost], f[fBad0], f[fBad1], int64(f[fNew]))
	}
	return r
}
