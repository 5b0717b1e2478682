// Package golden is the self-test of the golden image: the volatile state is
// thrown away at random instructions of busy processors, and comes back.
//
// The one idea: what a round must remember lies in a page that a reset leaves
// alone; all else may do what it likes, since it never happened.
package golden

import (
	"slices"

	"perdure/kernel"
	"perdure/kernel/apic"
	"perdure/kernel/console"
)

// maxRounds is how many rounds' costs the page has room for.
const maxRounds = 256

// Words of the page.
const (
	wordTotal    = iota // rounds to do; 0: no test
	wordRound           // rounds done
	wordSeed            // of the random numbers
	wordSum             // checksum of the data, as last changed
	wordFailures        // checks that failed, all rounds
	wordSilent          // rounds whose NMI did not come
	wordTimer           // GSI of the PIT
	wordChecks          // bits of the checks that ever failed
	wordSwitches        // resets by change of sets, until the last round
	wordCopied          // rounds whose reset had to copy
	wordCopyMax         // the longest of them
	wordData            // words that each round changes
	wordCost     = wordData + 128
	words        = wordCost + maxRounds
)

// Test is the self-test's record; derived from where the page is.
type Test struct{ p *[512]uint64 }

var _ [512 - words]byte

// Begin orders a test of so many rounds, before the golden copy is taken. timer
// is the global system interrupt of the PIT's output.
func Begin(rounds uint64, timer uint32) {
	t := Test{kernel.Keep()}
	t.p[wordTotal] = min(rounds, maxRounds)
	t.p[wordSeed] = 88172645463325252
	t.p[wordTimer] = uint64(timer)
	t.change()
}

// Run goes on with the test that Begin ordered, on every processor, at the top
// of a dispatcher's empty loop; it returns when there is none or it is over.
// again says that a reset led here.
func Run(again bool) {
	now := kernel.TSC()
	t := Test{kernel.Keep()}
	if t.over() {
		return
	}
	if kernel.This().Index() != 0 {
		for !t.over() {
			load(phase.Load())
		}
		return
	}
	if again {
		s := kernel.ResetStats()
		n := t.p[wordRound]
		if s.Switches == t.p[wordSwitches] {
			t.p[wordCopyMax] = max(t.p[wordCopyMax], now-s.Stamp)
			t.p[wordCopied]++
		} else {
			t.p[wordCost+(n-t.p[wordCopied])%maxRounds] = now - s.Stamp
		}
		t.p[wordSwitches] = s.Switches
		t.p[wordRound] = n + 1
		t.check()
	}
	for n := t.p[wordRound]; n < t.p[wordTotal]; n = t.p[wordRound] {
		t.round(n)
		// No NMI came: that is a failure, and the round counts.
		t.p[wordSilent]++
		t.p[wordFailures]++
		t.p[wordRound] = n + 1
	}
	phase.Store(loadNone)
	quietTimer()
	t.report()
}

// over reports whether there is nothing left to do.
func (t Test) over() bool { return t.p[wordRound] >= t.p[wordTotal] }

// random returns the next random number; xorshift.
func (t Test) random() uint64 {
	s := t.p[wordSeed]
	s ^= s << 13
	s ^= s >> 7
	s ^= s << 17
	t.p[wordSeed] = s
	return s
}

// sum adds up the kept data.
func (t Test) sum() (s uint64) {
	for _, v := range t.p[wordData:wordCost] {
		s = s*31 + v
	}
	return s + t.p[wordRound]
}

// change writes some kept data and its checksum.
func (t Test) change() {
	for range 8 {
		t.p[wordData+t.random()%128] = t.random()
	}
	t.p[wordSum] = t.sum()
}

// check looks at everything after a reset.
func (t Test) check() {
	n := t.p[wordRound]
	bad := uint64(0)
	t.p[wordRound] = n - 1
	if t.sum() != t.p[wordSum] {
		bad |= badKept
	}
	t.p[wordRound] = n
	bad |= exercise(n%4 == 0)
	if bad != 0 {
		t.p[wordFailures]++
		t.p[wordChecks] |= bad
	}
}

// round makes the processors busy and waits for the NMI that ends it.
func (t Test) round(n uint64) {
	if n%8 != 3 { // else the reset has to copy
		for !kernel.Repair() {
		}
	}
	t.change()
	phase.Store(loadKinds[t.random()%uint64(len(loadKinds))])
	spoil()
	if n%16 == 9 {
		smash(t.random())
		return
	}
	target := kernel.CPUAt(int(t.random() % uint64(kernel.CPUs()))).APICID()
	own := loadKinds[t.random()%uint64(len(loadKinds))]
	kernel.Arm()
	apic.RouteNMI(uint32(t.p[wordTimer]), target)
	startTimer(uint16(200 + t.random()%20000)) // 0.17 to 17 ms
	for from := kernel.TSC(); kernel.TSC()-from < kernel.TSCHz(); {
		if n%8 == 5 {
			kernel.Repair() // the reset interrupts the repair
		}
		load(own)
	}
}

// report says what came out, in one line: what a change of sets costs, and the
// most that a reset cost that had to copy.
func (t Test) report() {
	n := t.p[wordTotal] - t.p[wordCopied] - t.p[wordSilent]
	cost := slices.Clone(t.p[wordCost : wordCost+max(n, 1)])
	slices.Sort(cost)
	s := kernel.ResetStats()
	console.Say(console.Note).Str("selftest golden: rounds=").Dec(t.p[wordTotal]).Str(" cpus=").Dec(uint64(kernel.CPUs())).
		Str(" instructions min=").Dec(cost[0]).Str(" p50=").Dec(cost[n/2]).Str(" max=").Dec(cost[max(n, 1)-1]).
		Str(" failures=").Dec(t.p[wordFailures]).
		Str(" copied=").Dec(t.p[wordCopied]).Str(" copymax=").Dec(t.p[wordCopyMax]).End()
	console.Say(console.Info).Str("golden: ").Dec(s.Pages).Str(" pages, ").Dec(s.Copies).Str(" with content, home used ").Dec(s.Home >> 10).
		Str(" KiB, silent ").Dec(t.p[wordSilent]).Str(", unasked NMIs ").Dec(s.Unasked).Str(", checks ").Hex(t.p[wordChecks]).End()
}
