package main

import (
	"flag"
	"sync"
	"time"

	"perdure/kernel/x86"
)

var burnTest = test{"burn", "do a fixed amount of work and tell how long it took", func(fs *flag.FlagSet) func(*report) {
	rounds := fs.Int("n", 200, "millions of rounds, about 5 instructions each")
	threads := fs.Int("threads", 1, "threads that do it at the same time")
	return func(r *report) { burn(r, *rounds, *threads) }
}}

// work is arithmetic without memory: the same instructions on every machine.
func work(rounds int) uint64 {
	x := uint64(88172645463325252)
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func burn(r *report, millions, threads int) {
	sums := make([]uint64, threads)
	start, tsc := time.Now(), x86.RDTSC()
	var all sync.WaitGroup
	for i := range threads {
		all.Go(func() {
			for range millions {
				sums[i] ^= work(1e6)
			}
		})
	}
	all.Wait()
	r.value("burn.tsc", x86.RDTSC()-tsc)
	r.value("burn.seconds", time.Since(start).Seconds())
	want := uint64(0)
	if one := work(1e6); millions%2 == 1 {
		want = one
	}
	for i, sum := range sums {
		r.check(sum == want, "thread %d computed %#x, want %#x", i, sum, want)
	}
}
