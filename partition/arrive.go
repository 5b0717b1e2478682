package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/vmx"
	"perdure/vmx/vmcs"
)

// Arrived takes over this processor from another instance, which has left it as
// how says. What it was doing is in kept state, at rest; unless it has failed and
// this one was its standby, which goes on as after a reset.
func Arrived(how kernel.Came) (failed bool) {
	if how == kernel.CameBack {
		if tab.Host.Standby.entered() {
			return true
		}
		takeBack()
		this().returned()
		return false
	}
	c := this()
	if c.Active != 0 {
		v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
		vmx.LeaveGuest(&v.Ctx)
		if how == kernel.CameExit {
			v.bystander(c)
			v.abandon(c)
			v.Ctx.Reason = vmx.NoExit
			v.rests(x86.RDTSC())
		}
	}
	if how == kernel.CameLoad {
		c.Back = backArrived
	}
	c.Leave, c.Rearm, c.Stale = 0, 1, 1
	c.after()
	c.caught()
	atomic.OrUint64(&tab.Host.Restart.Here, c.bit()) // the next tick looks at it
	return false
}

// taking: a processor is making our records what the other instance's are.
var taking atomic.Bool

// takeBack makes our records right before any processor reads one.
func takeBack() {
	for !kept.InForce() {
		if !taking.Swap(true) {
			kept.Take()
		}
		x86.PAUSE()
	}
}

// returned takes this processor back from an instance that failed, whatever it was
// doing: what that one had is repaired as after a microreset of our own.
func (c *CPU) returned() {
	h := tab.Host
	atomic.AddUint64(&h.Instance, 1) // no VMCS leads here but those that are written anew
	h.Generation = h.Restart.Report.Generation
	Repair()
	c.Back = backNone
	if c.Index == 0 {
		RepairAll()
		Everything()
	}
	atomic.OrUint64(&h.Restart.Here, c.bit())
}

// Everything has the control goroutine look for all that it may have to do: what it
// was doing when this instance was given the machine, nobody knows.
//
//go:nosplit
func Everything() {
	work := WorkDecode | WorkCall | WorkReport | WorkInput | WorkLife | WorkRepair | WorkRestart
	if s := Lookup(0).State; s == Free || s == Creating {
		work |= WorkBoot
	}
	atomic.OrUint64(&tab.Host.Work, work)
}

// Gathered reports whether all processors have arrived. Those whose guests have had
// no exit since the flip are made to.
func (r *Restart) Gathered() bool {
	return gathered(atomic.LoadUint64(&r.Here))
}

// gathered is Gathered for those that are here.
func gathered(here uint64) bool {
	missing := tab.Host.processors() &^ here
	for set := missing; set != 0; set &= set - 1 {
		kernel.CPUAt(int(trailing(set))).Kick()
	}
	return missing == 0
}

// Led reports whether every VMCS that was ever set up leads to this instance. Those
// of VPs that have not run here yet are loaded for once.
func (r *Restart) Led() bool {
	led := true
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i&(MaxVPs-1)]
		if v.State == VPNone || v.Fresh == 1 || v.VMCS == 0 || v.Instance == tab.Host.Instance || v.partition().Hold&HoldDrop != 0 {
			continue
		}
		led = false
		v.raise(EvHost)
		kernel.CPUAt(int(v.CPU)).Kick()
	}
	return led
}

// bystander answers v's last exit if no instruction brought it about: it would not
// come again. v's VMCS is current. The stack that its handler needs at most is counted
// from here.
func (v *VP) bystander(c *CPU) {
	switch vmcs.Reason(v.Ctx.Reason) {
	case vmcs.ReasonExternalInterrupt:
		exitInterrupt(c, v)
	case vmcs.ReasonINIT:
		exitINIT(c, v)
	case vmcs.ReasonMachineCheck:
		exitMachineCheck(c, v)
	case vmcs.ReasonException:
		if !guests(vmcs.ExitInterruptionInfo.Read()) {
			exitException(c, v)
		}
	}
}
