package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// processor returns the record of processor i.
func processor(i uint64) *abi.Processor {
	c := &tab.CPUs[i]
	r := &scratch.processor
	*r = abi.Processor{
		Header: abi.HeaderOf(r), Index: uint32(i), APICID: uint32(c.APICID), Partition: abi.NoPartition,
		Now: x86.RDTSC(), Idle: c.Idle, Guest: c.Guest, Exits: c.Exits, Trace: c.Exits,
		IPIs: c.IPIs, Stray: c.Stray, NMIs: c.NMIs, Switches: c.Switches, Stolen: c.Stolen,
	}
	if c.Active != 0 {
		v := &tab.VPs[c.Active-1]
		r.Partition, r.VP = uint32(v.Part), uint32(v.ID)
	}
	return r
}

// states are a VP's states in the words of abi.
var states = [8]abi.State{
	VPRun: abi.StateReady, VPHalted: abi.StateHalted, VPWaitSIPI: abi.StateWaiting,
	VPDecode: abi.StateReady, VPCall: abi.StateReady, VPStopped: abi.StateStopped,
}

// record returns p's entry in the list of partitions.
func (p *Partition) record() *abi.Partition {
	r := &scratch.partition
	*r = abi.Partition{
		Header: abi.HeaderOf(r), ID: uint32(p.ID), State: abi.StateRunning, VPs: uint32(p.VPs),
		Rights: p.rights(), Memory: p.Memory, Created: p.Created, Name: p.Name,
	}
	if p.State != Running {
		r.State = p.state()
	}
	if p.Why != WhyNone {
		abi.SetText(r.Reason[:], p.ended())
	}
	r.Errno, r.Halts, r.ConsoleEnd = p.Errno, p.Halts, p.Tty.Said
	r.Weight, r.CPUs, r.Overhead = uint32(p.Weight), p.Allowed, kept.Owned(p.keptOwner())*addr.PageSize
	if p.Job != JobNone {
		r.Progress = uint32(p.progress())
	}
	for i := uint64(0); i < p.VPs && p.State != Creating; i++ {
		v := p.VP(i)
		for _, n := range v.Exits {
			r.Exits += n
		}
		r.Run += v.Ran
		r.CallErrs += v.BadCalls
		r.Waited += v.Waited
	}
	return r
}

// find returns the partition with an id, nil if there is none.
func find(id uint64) *Partition {
	if id >= MaxPartitions || tab.Partitions[id].State == Free {
		return nil
	}
	return &tab.Partitions[id]
}

// counters returns what one VP has done, or all of a partition's together.
func counters(part, vp uint64) (*abi.Counters, bool) {
	p := find(part)
	if p == nil || vp != abi.AllVPs && vp >= p.VPs {
		return nil, false
	}
	r := &scratch.counters
	*r = abi.Counters{Header: abi.HeaderOf(r), Partition: uint32(part), VP: uint32(vp), Now: x86.RDTSC()}
	for i := uint64(0); i < p.VPs; i++ {
		if vp != abi.AllVPs && vp != i {
			continue
		}
		v := p.VP(i)
		r.VPs++
		r.State, r.CPU, r.APICID = states[v.State&7], uint32(v.CPU), uint32(v.ID)
		r.Run += v.Ran
		for k, n := range v.Exits {
			r.Exits[k] += n
		}
		r.Calls, r.CallErrs = r.Calls+v.Calls, r.CallErrs+v.BadCalls
		r.Injected, r.GPs, r.Unwound = r.Injected+v.In, r.GPs+v.Bad, r.Unwound+v.Unwound.N
		r.Waited += v.Waited
		v.count(r)
	}
	return r, true
}

// lines returns a partition's interrupt lines.
func lines(part uint64) (*abi.Lines, bool) {
	p := find(part)
	if p == nil {
		return nil, false
	}
	r := &scratch.lines
	*r = abi.Lines{Header: abi.HeaderOf(r), Partition: uint32(part), N: MaxLines}
	for i := range p.Lines {
		r.Line[i] = abi.Line{In: p.Lines[i].In, Out: p.Lines[i].Out}
	}
	return r, true
}
