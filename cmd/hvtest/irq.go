package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// irqLine is one line of the IOAPIC as Linux counts it.
type irqLine struct {
	name  string
	count uint64 // over all processors
}

// parseInterrupts reads /proc/interrupts: the lines of the IOAPIC, by pin.
func parseInterrupts(text string) map[int]irqLine {
	lines := map[int]irqLine{}
	for line := range strings.Lines(text) {
		head, rest, ok := strings.Cut(line, "IO-APIC")
		if !ok {
			continue
		}
		counts := strings.Fields(head)
		about := strings.Fields(rest) // "10-fasteoi", "eth0"
		if len(counts) == 0 || len(about) == 0 {
			continue
		}
		number, _, _ := strings.Cut(about[0], "-")
		pin, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		l := irqLine{name: strings.Join(about[1:], " ")}
		for _, c := range counts[1:] {
			n, _ := strconv.ParseUint(c, 10, 64)
			l.count += n
		}
		lines[pin] = l
	}
	return lines
}

// counts are interrupts as Linux counts them and as the hypervisor does.
type counts struct {
	linux map[int]irqLine
	hv    abi.Lines
}

// watch compares counts over the time of a test.
type watch struct {
	caller ask.Caller // nil without Perdure
	before counts
}

// mayObserve reports whether there is a hypervisor that answers us: one below
// root.
func mayObserve() bool {
	if !call.Here() {
		return false
	}
	rights, _, _, _ := x86.CPUID(abi.LeafRights, 0)
	return rights&abi.RightObserve != 0
}

func startWatch(r *report) *watch {
	w := &watch{}
	lock()
	if mayObserve() {
		c, err := call.Open()
		if r.error("hypercall port", err) {
			w.caller = c
		}
	}
	w.before = w.counts(r)
	return w
}

// counts takes both counts at a moment when neither moves: what is on its way
// has been sent and not yet been handled.
func (w *watch) counts(r *report) counts {
	c := w.look(r)
	for range 100 {
		time.Sleep(20 * time.Millisecond)
		next := w.look(r)
		if next.same(c) {
			return next
		}
		c = next
	}
	r.check(false, "the interrupt counts do not come to rest")
	return c
}

// same reports whether no line that is compared has moved between c and d.
func (c counts) same(d counts) bool {
	for pin, l := range c.linux {
		if !own(l.name) && (d.linux[pin].count != l.count || pin < abi.NumLines && d.hv.Line[pin] != c.hv.Line[pin]) {
			return false
		}
	}
	return true
}

// look reads both counts, one after the other.
func (w *watch) look(r *report) (c counts) {
	text, err := os.ReadFile("/proc/interrupts")
	r.error("interrupts", err)
	c.linux = parseInterrupts(string(text))
	if w.caller != nil {
		c.hv, err = ask.Lines(w.caller, 0)
		r.error("interrupt lines", err)
	}
	return c
}

// own are lines whose source is the hypervisor itself or never rests: they are
// printed and not compared.
func own(name string) bool { return name == "ttyS0" || name == "timer" || name == "" }

// end prints what came on each line, and wants Linux and the hypervisor to have
// counted the same once all is quiet. It returns the sum of Linux.
func (w *watch) end(r *report) (sum uint64) {
	now := w.counts(r)
	for _, pin := range slices.Sorted(maps.Keys(now.linux)) {
		l := now.linux[pin]
		seen := l.count - w.before.linux[pin].count
		if seen == 0 {
			continue
		}
		sum += seen
		name := fmt.Sprintf("irq.%d.%s", pin, strings.ReplaceAll(l.name, " ", "_"))
		r.value(name+".linux", seen)
		if w.caller != nil && pin < abi.NumLines {
			out := now.hv.Line[pin].Out - w.before.hv.Line[pin].Out
			r.value(name+".in", now.hv.Line[pin].In-w.before.hv.Line[pin].In)
			r.value(name+".out", out)
			r.check(own(l.name) || out == seen, "line %d (%s): Linux counts %d, the hypervisor has sent %d", pin, l.name, seen, out)
		}
	}
	return sum
}
