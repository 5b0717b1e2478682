package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"perdure/test/campaign/fault"
)

// plans are what the words mean: of chance, at least so many of each kind; and a fault at
// every instruction of the answer to an exit.
var plans = map[string]string{
	"chance": "failstop:1000 register:5000 code:1000 rot:1000 kept:1000 volatile:500 hang:500 panic:500 fail:500 fail+again:250 failstop+again:250",
	"sweeps": sweeps(),
	"calls":  calls(),
	"all":    "chance sweeps calls",
}

// sweeps are of exits that root makes itself.
func sweeps() string {
	var words []string
	for _, w := range fault.Exits() {
		words = append(words, "failstop@"+w+",0:1-4000/1")
	}
	return strings.Join(words, " ")
}

// calls are sweeps of the calls that change something: from their first change on, with
// every round of their loops, and of all of them in larger steps.
func calls() string {
	var words []string
	for _, w := range fault.ManageCalls() {
		words = append(words, fmt.Sprintf("failstop@%s,%d:1-8000/1", w, fault.Each), fmt.Sprintf("failstop@%s,%d:1-40000/20", w, fault.Whole))
	}
	words = append(words, fmt.Sprintf("failstop@by-begin,%d:8001-45000/7", fault.Each)) // most of it is one checksum
	return strings.Join(words, " ")
}

// parts is how often faults by chance that may leave damage take turns with others.
const parts = 50

// mixed brings faults by chance in an order in which each kind comes as regularly as it
// can, so that a campaign that is cut short has made some of all; sweeps come last.
func mixed(list []fault.Tuple) []fault.Tuple {
	most := map[string]float64{}
	for _, t := range list {
		most[t.Kind] = max(most[t.Kind], float64(t.Number+1))
	}
	at := func(t fault.Tuple) float64 {
		if t.Reason != "" {
			return 1
		}
		return float64(t.Number) / most[t.Kind]
	}
	slices.SortStableFunc(list, func(a, b fault.Tuple) int {
		part := cmp.Compare(int(at(a)*parts), int(at(b)*parts))
		return cmp.Or(part, cmp.Compare(a.Lasts(), b.Lasts()), cmp.Compare(at(a), at(b)))
	})
	return list
}

// planned returns the faults that the words of a plan mean.
func planned(words string, seed uint64) (list []fault.Tuple, err error) {
	for _, word := range strings.Fields(words) {
		if meaning, ok := plans[word]; ok {
			more, err := planned(meaning, seed)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
			continue
		}
		var count int
		var skip, from, to, every uint64
		what, rest, _ := strings.Cut(word, ":")
		kind, at, sweep := strings.Cut(what, "@")
		if sweep {
			reason, which, _ := strings.Cut(at, ",")
			if _, err := fmt.Sscanf(which+":"+rest, "%d:%d-%d/%d", &skip, &from, &to, &every); err != nil || every == 0 {
				return nil, fmt.Errorf("%q is no sweep", word)
			}
			list = append(list, fault.Sweep(kind, reason, skip, from, to, every)...)
		} else {
			if _, err := fmt.Sscan(rest, &count); err != nil {
				return nil, fmt.Errorf("%q is no plan", word)
			}
			list = append(list, fault.Draw(kind, seed, 0, count)...)
		}
	}
	if len(list) > 0 {
		if _, err := fault.Parse(list[0].String()); err != nil {
			return nil, err
		}
	}
	return list, nil
}
