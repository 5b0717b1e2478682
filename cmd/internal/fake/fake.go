// Package fake answers hypercalls without a hypervisor.
//
// The one idea: tools are tested on any machine against answers that keep to the
// same interface as the real ones, cut-off buffers included.
package fake

import "perdure/partition/abi"

// Machine is a hypervisor with the root partition, and guests if some are created.
type Machine struct {
	Info       abi.Info
	Processors []abi.Processor
	Partitions []abi.Partition
	VPs        []abi.Counters // of partition 0
	Lines      abi.Lines
	Log        []byte // all that was ever logged
	LogFrom    uint64 // position of the oldest byte still kept
	Trace      []abi.TraceEntry
	Bad        int // this item of a check is wrong; none if negative
	Steps      int // calls until a check is done
	Err        error
	Guests     map[uint32]*Guest
	Fails      abi.Errno // with which creating a guest ends, 0: it does not
	Restart    Restart

	request uint64
	left    int
	clock   uint64
	busy    bool
	Calls   []abi.Call // that were made
}

// New returns a machine with one processor and one busy VP.
func New() *Machine {
	m := &Machine{Bad: -1, Steps: 2}
	m.Info = abi.Info{CPUs: 1, CPUsPresent: 1, Partitions: 1, TSCHz: 1e9, APICHz: 1e9, Start: 1e9, Now: 62e9, RootStart: 2e9,
		Features: abi.FeatVPID | abi.FeatUnrestricted, Mem: abi.Memory{Total: 512 << 20, Root: 400 << 20, Free: 72 << 20, Home: 32 << 20}, LogSize: 64 << 10}
	m.Info.Header = abi.Header{Size: abi.InfoSize, Version: abi.InfoVersion}
	abi.SetText(m.Info.Release[:], "0.1.0")
	abi.SetText(m.Info.Build[:], "0123abcd")
	abi.SetText(m.Info.CPUName[:], "Fake CPU")
	m.Processors = []abi.Processor{{Header: abi.Header{Size: abi.ProcessorSize, Version: abi.ProcessorVersion}, Now: 62e9, Guest: 50e9, Idle: 10e9, Exits: 700}}
	p := abi.Partition{Header: abi.Header{Size: abi.PartitionSize, Version: abi.PartitionVersion}, State: abi.StateRunning, VPs: 1, Memory: 400 << 20, Exits: 700, Run: 50e9}
	abi.SetText(p.Name[:], "root")
	m.Partitions = []abi.Partition{p}
	vp := abi.Counters{Header: abi.Header{Size: abi.CountersSize, Version: abi.CountersVersion}, State: abi.StateRunning, VPs: 1, Now: 62e9, Run: 50e9}
	vp.Exits[10], vp.Exits[30] = 500, 200
	m.VPs = []abi.Counters{vp}
	m.Lines = abi.Lines{Header: abi.Header{Size: abi.LinesSize, Version: abi.LinesVersion}, N: 24}
	m.Lines.Line[4] = abi.Line{In: 12, Out: 12}
	return m
}

// Call answers one call.
func (m *Machine) Call(n abi.Call, buf []byte, args ...uint64) (count, second uint64, err error) {
	m.Calls = append(m.Calls, n)
	if m.Err != nil {
		return 0, 0, m.Err
	}
	arg := func(i int) uint64 {
		if i < len(args) {
			return args[i]
		}
		return 0
	}
	whole := func(r abi.Record) (uint64, uint64, error) { return uint64(copy(buf, r.Bytes())), 0, nil }
	switch n {
	case abi.CallNull:
		return 0, 0, nil
	case abi.CallVersion:
		return abi.Version, 1<<abi.NumCalls - 2, nil
	case abi.CallInfo:
		return whole(&m.Info)
	case abi.CallProcessor:
		if arg(0) < uint64(len(m.Processors)) {
			return whole(&m.Processors[arg(0)])
		}
		return 0, 0, abi.ErrNone
	case abi.CallPartitions:
		if arg(0) == 0 {
			m.look()
		}
		for i := arg(0); i < uint64(len(m.Partitions)) && int(count)+int(abi.PartitionSize) <= len(buf); i++ {
			count += uint64(copy(buf[count:], m.Partitions[i].Bytes()))
		}
		return count, uint64(len(m.Partitions)), nil
	case abi.CallCounters:
		return m.counters(buf, arg(0), arg(1))
	case abi.CallLines:
		return whole(&m.Lines)
	case abi.CallLog:
		pos := max(arg(0), m.LogFrom)
		end := uint64(len(m.Log))
		if pos >= end {
			return 0, end, nil
		}
		n := uint64(copy(buf, m.Log[pos:]))
		return n, pos + n, nil
	case abi.CallTrace:
		if arg(0) >= uint64(len(m.Processors)) {
			return 0, 0, abi.ErrNone
		}
		seq := arg(1)
		for ; seq < uint64(len(m.Trace)) && int(count)+abi.TraceEntrySize <= len(buf); seq++ {
			count += uint64(copy(buf[count:], m.Trace[seq].Bytes()))
		}
		return count, min(seq, uint64(len(m.Trace))), nil
	case abi.CallCheck:
		return m.check(buf, arg(0))
	case abi.CallResets:
		return m.resets(buf, arg(0))
	case abi.CallRestart:
		return m.restart(buf, arg)
	}
	if n >= abi.CallCreate && n <= abi.CallDisk {
		return m.guestCall(n, buf, arg)
	}
	return 0, 0, abi.ErrCall
}

func (m *Machine) counters(buf []byte, partition, vp uint64) (uint64, uint64, error) {
	if p := m.partition(partition); partition != 0 && p != nil && vp < uint64(p.VPs) {
		r := abi.Counters{Header: m.VPs[0].Header, Partition: p.ID, VP: uint32(vp), State: p.State, VPs: 1, Now: 62e9, Run: 5e9}
		r.Exits[12] = 100
		return uint64(copy(buf, r.Bytes())), 0, nil
	}
	if partition != 0 || vp != abi.AllVPs && vp >= uint64(len(m.VPs)) {
		return 0, 0, abi.ErrNone
	}
	if vp == abi.AllVPs {
		vp = 0
	}
	return uint64(copy(buf, m.VPs[vp].Bytes())), 0, nil
}

func (m *Machine) check(buf []byte, request uint64) (uint64, uint64, error) {
	if request != m.request {
		m.request, m.left = request, m.Steps
	}
	r := abi.Check{Header: abi.Header{Size: abi.CheckSize, Version: abi.CheckVersion}, Request: request, State: abi.CheckRunning}
	if m.left--; m.left <= 0 {
		r.State, r.Progress = abi.CheckDone, 1000
		for i := range r.Items {
			r.Items[i] = abi.CheckItem{Verdict: abi.VerdictGood, Examined: 10}
		}
		if m.Bad >= 0 {
			r.Items[m.Bad] = abi.CheckItem{Verdict: abi.VerdictBad, Examined: 10, Wrong: 1, First: 0x1000}
		}
	}
	return uint64(copy(buf, r.Bytes())), 0, nil
}
