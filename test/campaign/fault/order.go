// Package fault is what a campaign is made of: faults of the hypervisor's own, each
// said in full by a few words, and what became of them.
//
// The one idea: a small root makes the faults that the host has thought out, one after
// the other, and tells each by a line before and a line after it; a fault without a
// second line is the one that ended the machine.
package fault

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"perdure/partition/abi"
)

// A Tuple says all about a fault: one by chance has a seed and a number, one of a
// sweep the exit reason, which of its exits, and the instruction.
type Tuple struct {
	Kind   string
	Seed   uint64 // by chance
	Number uint64
	Reason string // of a sweep: one of Ways; in the words of "hvctl top"; or a call of Calls; empty: by chance
	Skip   uint64
	Step   uint64
}

// At as the reason of a fault of kind decay says which bit flips: Skip is the page of code or
// constants, and Step the bit in it.
const At = "at"

// again is what the name of a kind ends with whose faults are followed by another one
// in the recovery.
const again = "+again"

// all is what the name of a kind ends with whose faults are made on all processors, each
// with its next exit.
const all = "+all"

// told is the kind of a fault of code that the hypervisor is told of before any processor
// enters a guest; with a number at its end, so many instructions after the fault.
const told = "told"

// Kinds of faults by chance that a campaign makes.
var Kinds = []string{"failstop", "register", "code", "rot", "volatile", "kept", "hang", "panic", "fail",
	"fail" + again, "failstop" + again, "register" + again, "hang" + all, "told", "told+1", "told+1000", "told+10000"}

// Lasts is 0 for a fault that leaves nothing behind. Others may leave damage that nobody
// notices, and that a later one would be blamed for, of code, of memory or of what a wrong
// register has led to: those with the same number are made on the same copy, and no others.
func (t Tuple) Lasts() int {
	switch kind, _, _ := strings.Cut(t.Kind, "+"); kind {
	case "register":
		return 1
	case "code", "rot", told:
		return 2
	case "volatile", "kept":
		return 3
	}
	return 0
}

// String returns the tuple's name, from which Parse makes it again.
func (t Tuple) String() string {
	if t.Reason != "" {
		return fmt.Sprintf("%s/%s/%d/%d", t.Kind, t.Reason, t.Skip, t.Step)
	}
	return fmt.Sprintf("%s/%d/%d", t.Kind, t.Seed, t.Number)
}

// Parse makes a tuple of its name.
func Parse(name string) (t Tuple, err error) {
	words := strings.Split(name, "/")
	bad := fmt.Errorf("%q is no fault: KIND/SEED/NUMBER or KIND/REASON/SKIP/STEP", name)
	if len(words) != 3 && len(words) != 4 {
		return t, bad
	}
	t.Kind = words[0]
	a, err1 := strconv.ParseUint(words[len(words)-2], 10, 64)
	b, err2 := strconv.ParseUint(words[len(words)-1], 10, 64)
	if err1 != nil || err2 != nil {
		return t, bad
	}
	if len(words) == 3 {
		t.Seed, t.Number = a, b
	} else {
		t.Reason, t.Skip, t.Step = words[1], a, b
	}
	_, err = t.order(0)
	return t, err
}

// Limits of what chance chooses.
const (
	mostSteps = 20000 // instructions of the hypervisor, as in the experiments with NiLiHype
	mostSkips = 40    // exits before them
	mostAgain = 1500  // instructions after the reset until the second fault
	registers = 18    // 15 general ones, the stack pointer, the program counter, the flags
)

// order is what root is told.
type order struct {
	Number, Processor, Kind, Reason, Skip, Steps, Target, Bit, Again, Group, Deed, By uint64
}

// everybody as an order's processor means all of them.
const everybody = 1 << 8

// orderSize is how long an order is.
const orderSize = 12 * 8

// kind returns the number of a kind of fault.
func kind(name string) (abi.Slip, error) {
	for k := abi.Slip(1); k < abi.NumSlips; k++ {
		if k.String() == name {
			return k, nil
		}
	}
	return 0, fmt.Errorf("there is no kind of fault %q", name)
}

// Calls are those that manage guests: what root leads a guest through in their sweeps,
// in its order.
var Calls = []string{"create", "start", "set", "pause", "resume", "stop", "destroy"}

// reason returns the number of an exit reason.
func reason(name string) (uint64, error) {
	for r := uint64(0); r < abi.NumReasons; r++ {
		if abi.ReasonName(uint32(r)) == name {
			return r, nil
		}
	}
	return 0, fmt.Errorf("there is no exit reason %q", name)
}

// order makes the tuple root's order number n.
func (t Tuple) order(n uint64) (o order, err error) {
	name, more, plus := strings.Cut(t.Kind, "+")
	k, err := kind(name)
	if err != nil {
		return o, err
	}
	switch {
	case !plus, "+"+more == again, "+"+more == all:
	case k != abi.SlipTold:
		return o, fmt.Errorf("there is no kind of fault %q", t.Kind)
	default:
		if o.Again, err = strconv.ParseUint(more, 10, 64); err != nil {
			return o, err
		}
	}
	o.Number, o.Kind = n, uint64(k)
	chance := rand.New(rand.NewPCG(t.Seed, t.Number))
	o.Processor, o.Skip, o.Steps = chance.Uint64N(2), chance.Uint64N(mostSkips), 1+chance.Uint64N(mostSteps)
	o.Target, o.Bit, o.Reason = chance.Uint64(), chance.Uint64(), abi.AnyReason
	if k == abi.SlipRegister {
		if o.Target %= registers; o.Target == registers-1 {
			o.Bit %= 16
		}
	}
	if strings.HasSuffix(t.Kind, again) {
		o.Again = 1 + chance.Uint64N(mostAgain)
	}
	if strings.HasSuffix(t.Kind, all) {
		o.Processor, o.Skip = everybody, 0
	}
	if t.Reason == "" {
		return o, nil
	}
	if t.Reason == At {
		o.Skip, o.Target, o.Bit = 0, t.Skip, t.Step>>3<<6|t.Step&7
		return o, nil
	}
	o.Processor, o.Skip, o.Steps = 0, t.Skip, t.Step
	if o.By, o.Reason = by(t.Reason, t.Skip); o.By != 0 {
		o.Group = o.By<<32 | t.Skip<<8 | 1
		return o, nil
	}
	name = t.Reason
	if i := slices.Index(Calls, name); i >= 0 {
		o.Deed, name = uint64(i)+1, "vmcall"
	}
	o.Reason, err = reason(name)
	o.Group = 1 + o.Deed<<16 + o.Reason<<8 + t.Skip
	return o, err
}

// encode writes orders as root reads them.
func encode(orders []order) []byte {
	b := make([]byte, 0, len(orders)*orderSize)
	for _, o := range orders {
		for _, v := range []uint64{o.Number, o.Processor, o.Kind, o.Reason, o.Skip, o.Steps, o.Target, o.Bit, o.Again, o.Group, o.Deed, o.By} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	return b
}

// Draw returns so many faults of a kind by chance, from number first on.
func Draw(kind string, seed uint64, first, count int) (list []Tuple) {
	for i := range count {
		list = append(list, Tuple{Kind: kind, Seed: seed, Number: uint64(first + i)})
	}
	return list
}

// Sweep returns a fault at every instruction, or every so manyth, of the answer to an
// exit. What goes beyond its end is left out when it is found.
func Sweep(kind, reason string, skip, from, to, every uint64) (list []Tuple) {
	for i := from; i <= to; i += every {
		list = append(list, Tuple{Kind: kind, Reason: reason, Skip: skip, Step: i})
	}
	return list
}
