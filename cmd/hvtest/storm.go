package main

import (
	"flag"
	"runtime"
	"sync"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

var stormTest = test{"storm", "ask the hypervisor everything, again and again, from all processors", func(fs *flag.FlagSet) func(*report) {
	n := fs.Int("n", 10000, "calls altogether")
	return func(r *report) { storm(r, *n) }
}}

// question is one kind of call.
type question struct {
	name string
	ask  func(c ask.Caller) error
}

// questions are those that the control goroutine answers.
func questions(cpu int) []*question {
	buf := make([]byte, abi.MaxBuffer)
	part := uint64(0)
	raw := func(n abi.Call, args ...uint64) func(c ask.Caller) error {
		return func(c ask.Caller) error {
			_, _, err := c.Call(n, buf, args...)
			return err
		}
	}
	return []*question{
		{name: "info", ask: raw(abi.CallInfo)},
		{name: "processor", ask: raw(abi.CallProcessor, uint64(cpu))},
		{name: "partitions", ask: raw(abi.CallPartitions, 0)},
		{name: "counters", ask: raw(abi.CallCounters, part, abi.AllVPs)},
		{name: "lines", ask: raw(abi.CallLines, part)},
		{name: "log", ask: raw(abi.CallLog, 0)},
		{name: "trace", ask: raw(abi.CallTrace, uint64(cpu), 0)},
		{name: "check", ask: func(c ask.Caller) error {
			if _, err := ask.Check(c, 1); err != abi.ErrBusy {
				return err
			}
			return nil
		}},
	}
}

// latency is how long the calls of one kind took, in TSC ticks.
type latency struct{ n, sum, most uint64 }

func storm(r *report, n int) {
	if !call.Here() {
		r.skip("Perdure is not below: nobody answers calls")
		return
	}
	c, err := call.Open()
	if !r.error("hypercall port", err) {
		return
	}
	before, err := ask.Info(c)
	r.error("info", err)
	cpus := runtime.NumCPU()
	all := make([]map[string]latency, cpus)
	var wait sync.WaitGroup
	for cpu := range cpus {
		wait.Go(func() {
			if r.error("processor", pin(cpu)) {
				all[cpu] = ride(r, cpu, n/cpus)
			}
		})
	}
	wait.Wait()
	after, err := ask.Info(c)
	r.error("info", err)
	made, worst := uint64(0), uint64(0)
	for _, q := range questions(0) {
		var sum latency
		for _, m := range all {
			l := m[q.name]
			sum.n, sum.sum, sum.most = sum.n+l.n, sum.sum+l.sum, max(sum.most, l.most)
		}
		if sum.n > 0 {
			r.value("storm."+q.name+".mean", sum.sum/sum.n)
			r.value("storm."+q.name+".most", sum.most)
		}
		made, worst = made+sum.n, max(worst, sum.most)
	}
	r.value("storm.calls", made)
	r.value("storm.mallocs", after.Mallocs-before.Mallocs)
	r.value("storm.collections", after.Collections-before.Collections)
	r.value("storm.heap", after.HeapUsed)
	r.value("storm.heap.before", before.HeapUsed)
	r.value("storm.most.ms", float64(worst)*1000/float64(after.TSCHz))
	r.check(after.HeapUsed <= after.HeapSize, "%d bytes of heap of %d", after.HeapUsed, after.HeapSize)
	r.check(worst < after.TSCHz, "a call took %d ticks, more than a second", worst)
}

// ride makes n calls from one processor.
func ride(r *report, cpu, n int) map[string]latency {
	c, err := call.Open() // the permission is a thread's
	if !r.error("hypercall port", err) {
		return nil
	}
	l := map[string]latency{}
	qs := questions(cpu)
	for i := range n {
		q := qs[i%len(qs)]
		t := x86.RDTSC()
		err := q.ask(c)
		t = x86.RDTSC() - t
		if !r.error(q.name, err) {
			break
		}
		v := l[q.name]
		l[q.name] = latency{v.n + 1, v.sum + t, max(v.most, t)}
	}
	return l
}
