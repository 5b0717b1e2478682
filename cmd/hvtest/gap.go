package main

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

// newestTSC is the largest value that any thread has read.
var newestTSC atomic.Uint64

// tscSlack is by how much a value may be older than one that another thread read
// before: a processor may read its counter early.
const tscSlack = 1000

// gaps is what a thread found that did nothing but read the TSC.
type gaps struct {
	longest, at uint64 // and when it ended
	reads       uint64
	back        uint64 // how often the counter went back
	each        []stretch
}

// stretch is the longest gap that ended in one stretch of time, 1<<stretchBits
// ticks.
type stretch struct{ n, longest uint64 }

const stretchBits = 25

// note takes a gap that ended now.
func (g *gaps) note(gap, now uint64) {
	if gap > g.longest {
		g.longest, g.at = gap, now
	}
	n := now >> stretchBits
	if k := len(g.each); k == 0 || g.each[k-1].n != n {
		g.each = append(g.each, stretch{n, gap})
	} else if gap > g.each[k-1].longest {
		g.each[k-1].longest = gap
	}
}

// text gives the stretches, each as when it begins by the TSC, and its longest gap.
func (g *gaps) text() string {
	var b strings.Builder
	for _, s := range g.each {
		fmt.Fprintf(&b, "%d:%d ", s.n<<stretchBits, s.longest)
	}
	return strings.TrimSpace(b.String())
}

// Of each period, a thread that watches the TSC takes a part.
const gapPeriod = 20 * time.Millisecond

// watchTSC reads the TSC on one processor for so many percent of the time, until
// stop is closed.
func watchTSC(cpu, percent int, stop <-chan struct{}) (g gaps, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		return g, err
	}
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return g, err
	}
	defer unix.SchedSetaffinity(0, &old)
	for {
		select {
		case <-stop:
			return g, nil
		default:
		}
		begin := time.Now()
		last := x86.RDTSC()
		for i := 1; i%1000 != 0 || time.Since(begin) < gapPeriod*time.Duration(percent)/100; i++ {
			before := newestTSC.Load()
			now := x86.RDTSC()
			if now < last || now+tscSlack < before {
				g.back++
			}
			if now > last {
				g.note(now-last, now)
			}
			if now > before {
				newestTSC.CompareAndSwap(before, now)
			}
			last = now
			g.reads++
		}
		time.Sleep(gapPeriod - gapPeriod*time.Duration(percent)/100)
	}
}

// lateness is what a thread found that slept again and again until a certain time.
type lateness struct {
	longest time.Duration
	ticks   int
	early   int
}

// watchTimer sleeps until the next tick of a period by the kernel's clock, until
// stop is closed.
func watchTimer(period time.Duration, stop <-chan struct{}) (l lateness) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return l
	}
	for due := t.Nano() + int64(period); ; due += int64(period) {
		at := unix.NsecToTimespec(due)
		for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &at, nil) == unix.EINTR {
		}
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
		late := time.Duration(t.Nano() - due)
		l.ticks++
		l.longest = max(l.longest, late)
		if late < 0 {
			l.early++
		}
		select {
		case <-stop:
			return l
		default:
		}
	}
}
