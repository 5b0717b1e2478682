// Package microreset recovers from the hypervisor's own failures.
//
// The one idea: there is one way back from every failure. The volatile state is
// thrown away, each processor repairs its part of kept state, a table says what
// else is to be done, and the dispatchers go on as after any other start.
package microreset

import (
	"perdure/kernel"
	"perdure/partition"
	"perdure/partition/abi"
)

// Resume is what a dispatcher does between Golden and its first round. again says
// that a reset led here.
func Resume(again bool) {
	if !again {
		partition.Owned()
		kernel.Recovers()
		return
	}
	partition.TakeOver()
	concerned := partition.Concerned()
	var f partition.Facts
	if concerned {
		f = partition.Examine()
	}
	partition.Repair()
	if kernel.This().Lead() {
		partition.RepairAll()
	}
	if concerned {
		r := choose(&f)
		if r.rung == abi.RungReboot && f.Reboot == kernel.RebootNone {
			kernel.Reboot(kernel.RebootHopeless) // the standby comes here again, and then it is so
		}
		partition.Decided(r.rung, r.why)
		if r.rung == abi.RungStop {
			kernel.GiveUp()
		}
	}
}
