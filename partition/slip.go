package partition

import (
	"perdure/kernel"
	"perdure/partition/abi"
)

// scratchSlip is what slip puts its answer together in.
var scratchSlip abi.Injection

// slip answers CallInject: a fault of ours to be made, or what has become of it.
func (b *buffer) slip(op, at, size uint64) (n, second uint64, err abi.Errno) {
	r := &scratchSlip
	switch err = b.take(at, size, r); {
	case !injects:
		return 0, 0, abi.ErrCall
	case err != 0:
		return 0, b.bad, err
	case r.Processor >= tab.Host.CPUs || r.Kind >= abi.NumSlips:
		return 0, 0, abi.ErrArgument
	}
	k := kernel.CPUAt(int(r.Processor))
	if op == abi.InjectReport {
		s := &k.Step
		r.Left, r.Count, r.Fired, r.At = s.Left, s.Count, s.Fired, s.At
		return b.record(at, size, r.Bytes(), size)
	}
	s := kernel.Step{Left: r.Steps, Reason: r.Reason, Skip: r.Skip, Kind: uint64(r.Kind), Target: r.Target, Bit: r.Bit, Again: r.Again}
	if r.Reason == abi.AnyOfGuests {
		s.Reason = kernel.Above(rootVPIDs())
	}
	if r.Kind == abi.SlipKept {
		s.Target = keptWord(r.Target)
	}
	k.Order(&s)
	return 0, size, 0
}

// rootVPIDs returns the highest VPID of root's VPs, which were there first.
func rootVPIDs() (most uint16) {
	for i := uint64(0); i < tab.Host.VPs; i++ {
		if v := &tab.VPs[i]; v.Part == 0 && v.State != VPNone {
			most = max(most, uint16(v.index()+1))
		}
	}
	return most
}

// slipped returns when the last fault was injected on c, if it has not been
// noticed before.
func slipped(c *CPU) uint64 {
	at := kernel.CPUAt(int(c.Index)).Step.Fired
	for i := range tab.Host.Recovery.Ring {
		if tab.Host.Recovery.Ring[i].Fault == at {
			return 0
		}
	}
	return at
}
