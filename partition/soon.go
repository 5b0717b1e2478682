package partition

import (
	"perdure/kernel"
	"perdure/partition/abi"
	"perdure/vmx"
)

// soon answers CallInject with InjectSoon: a fault of ours in the next exit of a kind on
// this processor, or in the next section on any.
//
//go:nosplit
func (v *VP) soon(c *CPU, steps uint64) Verdict {
	r, o := &v.Ctx.Regs, &v.Ctx
	made, at, last, unwound := uint64(0), uint64(0), uint64(0), uint64(0)
	for i := range tab.Host.CPUs {
		s := &kernel.CPUAt(int(i)).Step
		if made += s.Count; s.Fired >= last {
			at, last = s.At, s.Fired
		}
		unwound += tab.CPUs[i&(MaxCPUs-1)].Unwound
		if steps == abi.OnlyAsk {
			continue
		}
		s.Left = 0
		if c.Index != i && r[vmx.R10] < abi.Sections {
			continue
		}
		s.Kind, s.Reason = r[vmx.RSI]%uint64(abi.NumSlips), r[vmx.R10]
		s.Skip, s.Again, s.Target, s.Bit = 0, 0, 0, 0
		s.Each, s.Left = steps, steps
	}
	if steps != abi.OnlyAsk {
		tab.Host.Recovery.Scrub = 0 // no code is damaged
	}
	o.OutRAX, o.OutRBX, o.OutRCX, o.OutRDX = made, at, tab.Host.Recovery.Last, unwound
	return Advance | ABCD
}

// section returns the number of the section that a call is.
func section(c *Call) uint64 {
	switch n := abi.Call(c.Number); n {
	case abi.CallControl, abi.CallSet:
		return abi.Section(n, c.Args[1])
	case abi.CallRestart:
		return abi.Section(n, c.Args[0])
	default:
		return abi.Section(n, 0)
	}
}
