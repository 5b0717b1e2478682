package main

import (
	"flag"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

var allocsTest = test{"allocs", "exits allocate nothing on the hypervisor's heap", func(fs *flag.FlagSet) func(*report) {
	n := fs.Int("n", 100000, "exits, a third of each kind")
	return func(r *report) { allocs(r, *n) }
}}

// scratchPort is the scratch register of the first serial port, which nobody
// uses and the hypervisor emulates.
const scratchPort = 0x3ff

// spare is what the two questions themselves and work that comes by the clock
// may allocate, whatever the number of exits.
const spare = 64

func allocs(r *report, n int) {
	if !call.Here() {
		r.skip("Perdure is not below")
		return
	}
	c, err := call.Open()
	if !r.error("hypercall port", err) {
		return
	}
	lock()
	if !r.error("port of the serial line", unix.Ioperm(scratchPort, 1, 1)) {
		return
	}
	mallocs := func() uint64 {
		info, err := ask.Info(c)
		r.error("info", err)
		return info.Mallocs
	}
	mallocs() // the first one may make what later ones use
	a := mallocs()
	b := mallocs()
	for i := range n / 3 {
		x86.CPUID(0, 0)
		x86.OUT8(scratchPort, uint8(i))
		null := call.Regs{AX: abi.Word(abi.CallNull)}
		if err := call.Do(&null); err != nil || null.AX != 0 {
			r.check(false, "the null call: %v, answer %#x", err, null.AX)
			return
		}
	}
	after := mallocs()
	r.value("allocs.exits", n/3*3)
	r.value("allocs.questions", b-a)
	r.value("allocs.objects", after-b)
	each := 0.0
	if objects := after - b; objects > spare {
		each = float64(objects) / float64(n)
	}
	r.value("exit.allocs", each)
	r.check(each == 0, "%d objects were allocated in %d exits", after-b, n/3*3)
}
