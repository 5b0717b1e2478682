package main

import (
	"encoding/binary"
	"flag"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

var clockTest = test{"clock", "sleep, and compare the kernel's time with the machine's other clocks", func(fs *flag.FlagSet) func(*report) {
	seconds := fs.Int("seconds", 10, "how long to sleep")
	tolerance := fs.Float64("tolerance", 0.01, "largest error, as a part of the time")
	return func(r *report) { clock(r, *seconds, *tolerance) }
}}

const clocksource = "/sys/devices/system/clocksource/clocksource0/current_clocksource"

// A witness is a clock of the machine that the kernel's time does not come from.
type witness struct {
	name string
	read func() (ticks uint64)
	hz   float64
	mask uint64 // of the bits that it counts in
}

// hpet maps the HPET, whose main counter needs no driver. Its registers: HPET
// specification, "Memory Map".
func hpet() (w witness, ok bool) {
	f, err := os.Open("/dev/hpet")
	if err != nil {
		return w, false
	}
	defer f.Close()
	page, err := unix.Mmap(int(f.Fd()), 0, pageSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return w, false
	}
	caps := counterAt(page, 0)
	period := caps >> 32 // femtoseconds
	if period == 0 {
		return w, false
	}
	w = witness{"hpet", func() uint64 { return counterAt(page, 0xf0) }, 1e15 / float64(period), 1<<32 - 1}
	if caps&(1<<13) != 0 {
		w.mask = ^uint64(0)
	}
	return w, w.read() != w.read() // a counter that stands still is none
}

// pmTimer reads the ACPI timer's port from the FADT and asks for it.
func pmTimer() (w witness, ok bool) {
	fadt, err := os.ReadFile("/sys/firmware/acpi/tables/FACP")
	if err != nil || len(fadt) < 80 {
		return w, false
	}
	port := binary.LittleEndian.Uint32(fadt[76:])
	if port == 0 || port > 0xfff0 || unix.Ioperm(int(port), 4, 1) != nil {
		return w, false
	}
	return witness{"pmtimer", func() uint64 { return uint64(x86.IN32(uint16(port))) }, 3579545, 1<<24 - 1}, true
}

// elapsed follows a witness often enough that it does not wrap unseen.
type elapsed struct {
	witness
	last, sum uint64
}

func (e *elapsed) look() {
	now := e.read() & e.mask
	e.sum += (now - e.last) & e.mask
	e.last = now
}

// rtcSecond waits until the RTC's second changes. It never sleeps, so that the
// change is seen at once; late is how long it may have been seen too late.
func rtcSecond(fd int) (t *unix.RTCTime, late time.Duration, err error) {
	first, err := unix.IoctlGetRTCTime(fd)
	for before := time.Now(); err == nil; {
		t, err = unix.IoctlGetRTCTime(fd)
		now := time.Now()
		if late = now.Sub(before); err == nil && t.Sec != first.Sec {
			break
		}
		before = now
	}
	return t, late, err
}

func rtcUnix(t *unix.RTCTime) int64 {
	return time.Date(int(t.Year)+1900, time.Month(t.Mon+1), int(t.Mday), int(t.Hour), int(t.Min), int(t.Sec), 0, time.UTC).Unix()
}

func clock(r *report, seconds int, tolerance float64) {
	source := func() string { b, _ := os.ReadFile(clocksource); return strings.TrimSpace(string(b)) }
	r.value("clock.source", source())
	lock() // the ports are the thread's
	var others []*elapsed
	for _, open := range []func() (witness, bool){hpet, pmTimer} {
		if w, ok := open(); ok {
			others = append(others, &elapsed{witness: w})
		}
	}
	rtc, err := os.Open("/dev/rtc0")
	if !r.error("RTC", err) {
		return
	}
	defer rtc.Close()
	first, late, err := rtcSecond(int(rtc.Fd()))
	if !r.error("RTC", err) {
		return
	}
	for _, o := range others {
		o.last = o.read() & o.mask
	}
	tsc, start := x86.RDTSC(), time.Now()
	for range seconds { // one second each: the ACPI timer wraps after 4.6
		time.Sleep(time.Second)
		for _, o := range others {
			o.look()
		}
	}
	slept, ticks := time.Since(start), x86.RDTSC()-tsc
	r.value("clock.kernel", slept.Seconds())
	r.value("clock.tsc_hz", float64(ticks)/slept.Seconds())
	near := func(name string, got float64, late time.Duration) {
		r.value("clock."+name, got)
		off := max(got-slept.Seconds(), slept.Seconds()-got) - late.Seconds()
		r.check(off < tolerance*slept.Seconds(), "%s says %.4f s, the kernel %.4f s", name, got, slept.Seconds())
	}
	for _, o := range others {
		near(o.name, float64(o.sum)/o.hz, 0)
	}
	last, later, err := rtcSecond(int(rtc.Fd()))
	if !r.error("RTC", err) {
		return
	}
	r.value("clock.rtc_late", max(late, later).Seconds())
	near("rtc", float64(rtcUnix(last)-rtcUnix(first))-(time.Since(start)-slept).Seconds(), max(late, later))
	over := slept.Seconds()/float64(seconds) - 1
	r.check(over >= 0 && over < tolerance, "sleeping %d s took %.4f s", seconds, slept.Seconds())
	r.check(source() == "tsc", "the clock source is %s, not the TSC", source())
}
