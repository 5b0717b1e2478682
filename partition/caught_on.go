//go:build inject

package partition

import (
	"perdure/kernel/console"
	"perdure/vmx/vmcs"
)

// caught says, for tests, what each VP of a processor was doing when the processor
// arrived in this instance.
func (c *CPU) caught() {
	arrived := c.active()
	for q := c.Queue; q != 0; q &= q - 1 {
		v := queued(q)
		l := console.Say(console.Info).Str("caught ").Dec(v.Part).Str(".").Dec(v.ID).Str(" ").Str(v.State.String())
		if v.VMCS != 0 && v.Fresh != 1 && c.load(v) {
			l.Str(" exit ").Dec(uint64(vmcs.ExitReason.Read() & 0xffff)).Str(" rip ").Hex(v.Ctx.RIP).Str(" flags ").Hex(vmcs.GuestRFLAGS.Read()).
				Str(" cr0 ").Hex(vmcs.GuestCR0.Read()).Str(" blocking ").Hex(uint64(vmcs.GuestInterruptibility.Read())).
				Str(" inject ").Hex(v.Inject).Str(" window ").Dec(v.Window).Str(" events ").Hex(v.Events)
		}
		if v.bit() == arrived {
			l.Str(" active")
		}
		if p := v.partition(); p.Hold != 0 {
			l.Str(" held ").Dec(p.Hold)
		}
		l.End()
	}
	for i := range tab.Partitions {
		if p := &tab.Partitions[i]; c.Index == 0 && p.Job != JobNone {
			console.Say(console.Info).Str("caught ").Dec(p.ID).Str(" job ").Dec(uint64(p.Job)).Str(" step ").Dec(p.Step).End()
		}
	}
}
