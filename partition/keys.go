package partition

import (
	"perdure/kernel/console"
	"perdure/vmx/vmcs"
)

// listAll answers the console's key for processors and partitions.
func listAll() {
	for i := range tab.Host.CPUs {
		c := &tab.CPUs[i]
		l := console.Say(console.Note).Str("processor ").Dec(i).Str(", APIC id ").Dec(c.APICID).Str(", exits ").Dec(c.Exits)
		if c.Active != 0 {
			v := &tab.VPs[c.Active-1]
			l.Str(", VP ").Dec(v.ID).Str(" of ").Bytes(name(v.partition()))
		}
		l.End()
	}
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free {
			continue
		}
		console.Say(console.Note).Str("partition ").Dec(p.ID).Str(" ").Bytes(name(p)).Str(": ").Str(p.State.String()).
			Str(", VPs ").Dec(p.VPs).Str(", MiB ").Dec(p.Memory >> 20).End()
		for k := range p.VPs {
			v := p.VP(k)
			console.Say(console.Note).Str("  VP ").Dec(k).Str(": ").Str(v.State.String()).Str(", rip ").Hex(v.Ctx.RIP).
				Str(", events ").Hex(v.Events).End()
		}
	}
}

// countAll answers the key for counters.
func countAll() {
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i]
		for r, n := range v.Exits {
			if n != 0 {
				console.Say(console.Note).Str("VP ").Dec(v.ID).Str(" of ").Bytes(name(v.partition())).Str(": ").Dec(n).Str(" ").
					Str(vmcs.Reason(r).String()).End()
			}
		}
	}
	for gsi, l := range tab.Partitions[0].Lines {
		if l.In != 0 {
			console.Say(console.Note).Str("line ").Dec(uint64(gsi)).Str(": ").Dec(l.In).Str(" in, ").Dec(l.Out).Str(" out").End()
		}
	}
}
