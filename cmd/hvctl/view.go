package main

import (
	"slices"

	"perdure/partition/abi"
)

// viewJSON is one interval: the answer of "hvctl top --json".
type viewJSON struct {
	Seconds    float64         `json:"seconds"`
	Memory     memJSON         `json:"memory"`
	CPUs       []cpuJSON       `json:"cpus"`
	Partitions []partitionView `json:"partitions"`
	VPs        []vpJSON        `json:"vps"`
	Ports      []portJSON      `json:"ports"`
	Lines      []lineJSON      `json:"lines"` // those of root that were ever used
	names      map[uint32]string
}

type cpuJSON struct {
	CPU          int     `json:"cpu"`
	GuestShare   float64 `json:"guest_share"`
	IdleShare    float64 `json:"idle_share"`
	OwnShare     float64 `json:"hypervisor_share"`
	ExitsPerSec  float64 `json:"exits_per_second"`
	Exits        uint64  `json:"exits"`
	IPIs         uint64  `json:"ipis"`
	StrayIRQs    uint64  `json:"stray_interrupts"`
	NMIs         uint64  `json:"nmis"`
	Switches     uint64  `json:"switches"` // virtual processors taken on
	Stolen       uint64  `json:"stolen"`   // of these from another one's queue
	SwitchPerSec float64 `json:"switches_per_second"`
	RunPartition *uint32 `json:"partition"` // null if none runs
	RunVP        uint32  `json:"vp"`
}

type vpJSON struct {
	Partition   uint32             `json:"partition"`
	VP          uint32             `json:"vp"`
	State       string             `json:"state"`
	CPU         uint32             `json:"cpu"`
	Share       float64            `json:"cpu_share"`
	ExitsPerSec float64            `json:"exits_per_second"`
	ByReason    map[string]float64 `json:"exits_per_second_by_reason"`
	Exits       map[string]uint64  `json:"exits"` // since the beginning
	Calls       uint64             `json:"hypercalls"`
	CallErrors  uint64             `json:"hypercall_errors"`
	Injected    uint64             `json:"interrupts_injected"`
	GPs         uint64             `json:"gp_injected"`
	Unwound     uint64             `json:"exits_unwound"`
	WaitShare   float64            `json:"wait_share"` // of the time, wanting a processor
	Waited      float64            `json:"wait_seconds"`
	Switches    uint64             `json:"switches"`
	Longest     float64            `json:"longest_wait_seconds"` // 0: this version does not measure it
}

type lineJSON struct {
	Line uint32 `json:"line"`
	In   uint64 `json:"in"`
	Out  uint64 `json:"out"`
}

// viewOf compares two samples.
func viewOf(a, b *sample) viewJSON {
	hz := b.info.TSCHz
	v := viewJSON{
		Seconds: span(since(b.info.Now, a.info.Now), hz).Seconds(), Memory: memJSON(b.info.Mem),
		CPUs: []cpuJSON{}, Partitions: []partitionView{}, VPs: []vpJSON{}, Ports: []portJSON{}, Lines: []lineJSON{}, names: map[uint32]string{},
	}
	for i := range b.cpus {
		if i < len(a.cpus) {
			v.CPUs = append(v.CPUs, cpuView(i, &a.cpus[i], &b.cpus[i], hz))
		}
	}
	for _, p := range b.parts {
		v.names[p.ID] = abi.Text(p.Name[:])
	}
	for i := range b.vps {
		now := &b.vps[i]
		old := slices.IndexFunc(a.vps, func(c abi.Counters) bool { return c.Partition == now.Partition && c.VP == now.VP })
		if old >= 0 {
			v.VPs = append(v.VPs, vpView(&a.vps[old], now, hz))
		}
	}
	v.partitions(a, b)
	for i, l := range b.lines.Line {
		if l != (abi.Line{}) {
			v.Lines = append(v.Lines, lineJSON{uint32(i), l.In, l.Out})
		}
	}
	return v
}

// share is part of whole, from 0 to 1.
func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return min(1, float64(part)/float64(whole))
}

// rate is a count per second of TSC time.
func rate(n, ticks, hz uint64) float64 {
	if ticks == 0 {
		return 0
	}
	return float64(n) * float64(hz) / float64(ticks)
}

func cpuView(i int, a, b *abi.Processor, hz uint64) cpuJSON {
	t := since(b.Now, a.Now)
	c := cpuJSON{
		CPU: i, GuestShare: share(since(b.Guest, a.Guest), t), IdleShare: share(since(b.Idle, a.Idle), t),
		Exits: b.Exits, ExitsPerSec: rate(since(b.Exits, a.Exits), t, hz), IPIs: b.IPIs, StrayIRQs: b.Stray, NMIs: b.NMIs, RunVP: b.VP,
		Switches: b.Switches, Stolen: b.Stolen, SwitchPerSec: rate(since(b.Switches, a.Switches), t, hz),
	}
	c.OwnShare = max(0, 1-c.GuestShare-c.IdleShare)
	if b.Partition != abi.NoPartition {
		c.RunPartition = &b.Partition
	}
	return c
}

func vpView(a, b *abi.Counters, hz uint64) vpJSON {
	t := since(b.Now, a.Now)
	v := vpJSON{
		Partition: b.Partition, VP: b.VP, State: b.State.String(), CPU: b.CPU, Share: share(since(b.Run, a.Run), t),
		ByReason: map[string]float64{}, Exits: map[string]uint64{},
		Calls: b.Calls, CallErrors: b.CallErrs, Injected: b.Injected, GPs: b.GPs, Unwound: b.Unwound,
		WaitShare: share(since(b.Waited, a.Waited), t), Waited: span(b.Waited, hz).Seconds(), Switches: b.Switches, Longest: span(b.Longest, hz).Seconds(),
	}
	for r, n := range b.Exits {
		if n == 0 {
			continue
		}
		v.Exits[abi.ReasonName(uint32(r))] = n
		if more := since(n, a.Exits[r]); more > 0 {
			v.ByReason[abi.ReasonName(uint32(r))] = rate(more, t, hz)
			v.ExitsPerSec += rate(more, t, hz)
		}
	}
	return v
}
