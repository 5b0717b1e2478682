package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

var smpTest = test{"smp", "run on every processor, and wake each from each", func(fs *flag.FlagSet) func(*report) {
	want := fs.Int("cpus", 0, "processors that there must be; 0 takes what there is")
	rounds := fs.Int("n", 200, "wake-ups for each pair")
	return func(r *report) { smp(r, *want, *rounds) }
}}

// pin ties the calling goroutine to one processor.
func pin(cpu int) error {
	lock()
	var set unix.CPUSet
	set.Set(cpu)
	return unix.SchedSetaffinity(0, &set)
}

func smp(r *report, want, rounds int) {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	r.error("processors", err)
	n := runtime.NumCPU()
	r.value("smp.online", strings.TrimSpace(string(text)))
	r.value("smp.cpus", n)
	r.check(want == 0 || n == want, "%d processors are online, want %d", n, want)
	// A kernel that did not trust the TSC while it waited for a processor has no
	// high-resolution timers, and ticks for ever when it is idle.
	source, err := os.ReadFile(clocksource)
	r.error("clock source", err)
	r.check(strings.TrimSpace(string(source)) == "tsc", "the clock source is %s, not the TSC", strings.TrimSpace(string(source)))
	for a := range n {
		for b := range n {
			if a < b {
				r.error(fmt.Sprintf("processors %d and %d", a, b), pingPong(r, a, b, rounds))
			}
		}
	}
}

// pingPong has two processors wake each other through pipes; each must see the
// other's time-stamp counter in the past.
func pingPong(r *report, a, b, rounds int) error {
	var there, back [2]int
	for _, p := range []*[2]int{&there, &back} {
		if err := unix.Pipe(p[:]); err != nil {
			return err
		}
		defer unix.Close(p[0])
		defer unix.Close(p[1])
	}
	ended := make(chan error, 1)
	go func() { ended <- echo(b, there[0], back[1], rounds) }()
	side := make(chan error, 1)
	go func() {
		if err := pin(a); err != nil {
			side <- err
			return
		}
		start, behind := time.Now(), 0
		for range rounds {
			t := x86.RDTSC()
			if err := send(there[1], t); err != nil {
				side <- err
				return
			}
			u, err := receive(back[0])
			if err != nil {
				side <- err
				return
			}
			if u < t || x86.RDTSC() < u {
				behind++
			}
		}
		r.value(fmt.Sprintf("smp.wake.%d.%d.us", a, b), time.Since(start).Microseconds()/int64(rounds*2))
		r.check(behind == 0, "processors %d and %d: time went back %d times of %d", a, b, behind, rounds)
		side <- nil
	}()
	if err := <-side; err != nil {
		return err
	}
	return <-ended
}

// echo answers each message with the time at which it came.
func echo(cpu, from, to, rounds int) error {
	if err := pin(cpu); err != nil {
		return err
	}
	for range rounds {
		t, err := receive(from)
		if err != nil {
			return err
		}
		now := x86.RDTSC()
		if now < t {
			now = 0 // seen as time that went back
		}
		if err := send(to, now); err != nil {
			return err
		}
	}
	return nil
}

func send(fd int, v uint64) error {
	var b [8]byte
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	_, err := unix.Write(fd, b[:])
	return err
}

func receive(fd int) (v uint64, err error) {
	var b [8]byte
	n, err := unix.Read(fd, b[:])
	if err == nil && n != len(b) {
		err = fmt.Errorf("a message of %d bytes", n)
	}
	for i := range b {
		v |= uint64(b[i]) << (8 * i)
	}
	return v, err
}
