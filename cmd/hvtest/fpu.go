package main

import (
	"flag"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/cpu"
)

var fpuTest = test{"fpu", "keep patterns in vector registers while exits happen", func(fs *flag.FlagSet) func(*report) {
	threads := fs.Int("threads", 2*runtime.NumCPU(), "threads, each with patterns of its own")
	rounds := fs.Int("n", 50, "rounds of each thread")
	exits := fs.Int("exits", 2000, "exits in each round")
	return func(r *report) { fpu(r, *threads, *rounds, uint32(*exits)) }
}}

// vectors are the sixteen vector registers as the stub loads and stores them.
type vectors [16][32]byte

// controls are MXCSR and the x87 control word.
type controls struct{ mxcsr, fcw uint32 }

// holdSSE loads the low halves of in and the controls, executes CPUID (which
// always exits) so many times, and stores what the registers hold then.
//
//go:noescape
func holdSSE(in, out *vectors, c *controls, exits uint32)

// holdAVX is holdSSE with all 32 bytes of each register.
//
//go:noescape
func holdAVX(in, out *vectors, c *controls, exits uint32)

func fpu(r *report, threads, rounds int, exits uint32) {
	hold, width := holdSSE, 16
	if cpu.X86.HasAVX && cpu.X86.HasOSXSAVE {
		hold, width = holdAVX, 32
	}
	r.value("fpu.register_bytes", width)
	wrong := make([]string, threads)
	var all sync.WaitGroup
	for t := range threads {
		all.Go(func() {
			lock()
			for n := range rounds {
				if wrong[t] = holdOnce(hold, width, byte(t*37+n), exits); wrong[t] != "" {
					return
				}
			}
		})
	}
	all.Wait()
	for t, w := range wrong {
		r.check(w == "", "thread %d: %s", t, w)
	}
	r.value("fpu.exits", threads*rounds*int(exits))
}

// holdOnce says what was not as it had been, or nothing.
func holdOnce(hold func(in, out *vectors, c *controls, exits uint32), width int, seed byte, exits uint32) string {
	var in, out vectors
	for i := range in {
		for j := range width {
			in[i][j] = seed + byte(i*16+j)
		}
	}
	// All exceptions masked; rounding and precision not as anybody else has them.
	c := controls{mxcsr: 0x1f80 | uint32(seed&3)<<13, fcw: 0x7f | uint32(seed&3)<<10}
	was := c
	hold(&in, &out, &c, exits)
	if c.mxcsr&^0x3f != was.mxcsr || c.fcw&0xf3f != was.fcw&0xf3f {
		return fmt.Sprintf("controls are %#x, were %#x", c, was)
	}
	for i := range in {
		if in[i] != out[i] {
			return fmt.Sprintf("register %d is %x, was %x", i, out[i], in[i])
		}
	}
	return ""
}
