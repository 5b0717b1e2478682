package main

import (
	"flag"

	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

var exitsTest = test{"exits", "measure round trips into the hypervisor from user space, in TSC ticks", func(fs *flag.FlagSet) func(*report) {
	n := fs.Int("n", 1000, "round trips of each kind")
	return func(r *report) { exits(r, *n) }
}}

func exits(r *report, n int) {
	// best is the least that one round trip took: others met interrupts.
	best := func(name string, f func()) {
		least, start := ^uint64(0), x86.RDTSC()
		for range n {
			t := x86.RDTSC()
			f()
			least = min(least, x86.RDTSC()-t)
		}
		r.value(name+".mean", (x86.RDTSC()-start)/uint64(n))
		r.value(name+".least", least)
	}
	best("exits.none", func() {})
	best("exits.cpuid", func() { x86.CPUID(0, 0) })
	if !call.Here() {
		return
	}
	if _, err := call.Open(); r.error("hypercall port", err) {
		null := call.Regs{}
		best("exits.hypercall", func() {
			null.AX = abi.Word(abi.CallNull)
			call.Do(&null)
		})
		r.check(null.AX == 0, "the null call answered %#x", null.AX)
	}
}
