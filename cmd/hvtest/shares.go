package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/partition/abi"
)

var sharesTest = test{"shares", "compare the processor time of busy guests with their weights: shares NAME=WEIGHT…", func(fs *flag.FlagSet) func(*report) {
	seconds := fs.Float64("seconds", 10, "how long to watch")
	tolerance := fs.Float64("tolerance", 0.05, "largest error, as a part of a share")
	return func(r *report) {
		want := map[string]float64{}
		for _, a := range fs.Args() {
			name, weight, _ := strings.Cut(a, "=")
			w, err := strconv.ParseFloat(weight, 64)
			r.error(a, err)
			want[name] = w
		}
		shares(r, want, time.Duration(*seconds*float64(time.Second)), *tolerance)
	}
}}

// shares watches guests that want all they can get, from the first processor,
// so that we disturb them little.
func shares(r *report, weights map[string]float64, span time.Duration, tolerance float64) {
	if !r.error("processor", pin(0)) {
		return
	}
	port, err := call.Open()
	if !r.error("hypervisor", err) {
		return
	}
	before, err := runTimes(port)
	r.error("partitions", err)
	time.Sleep(span)
	after, err := runTimes(port)
	r.error("partitions", err)
	ran, all, sum := map[string]float64{}, 0.0, 0.0
	for name, w := range weights {
		ran[name] = float64(after[name] - before[name])
		all, sum = all+ran[name], sum+w
	}
	if !r.check(all > 0, "none of them ran: %v", after) {
		return
	}
	r.value("shares.ticks", all)
	for name, w := range weights {
		got, want := ran[name]/all, w/sum
		r.value("shares."+name, fmt.Sprintf("%.4f of %.4f", got, want))
		r.check(max(got-want, want-got) < tolerance*want, "%s had %.4f of the processor, want %.4f", name, got, want)
	}
}

// runTimes is how long each partition has run, in ticks.
func runTimes(c ask.Caller) (map[string]uint64, error) {
	all, err := ask.Partitions(c)
	times := map[string]uint64{}
	for _, p := range all {
		times[abi.Text(p.Name[:])] = p.Run
	}
	return times, err
}
