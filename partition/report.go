package partition

import (
	"perdure/kernel/console"
	"perdure/vmx/vmcs"
)

// report says in the log why partitions stopped, with all that the VMCS had to say.
func report() {
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		ended := p.State == Stopped || p.State == Off || p.State == Again
		if !ended || p.Reported != 0 || p.VPs == 0 {
			continue
		}
		p.Reported = 1
		p.tell()
		if p.State != Stopped {
			p.sayEnd()
			continue
		}
		v := p.VP(p.WhyVP)
		s := &v.Snapshot
		say := func() *console.Line { return console.Say(console.Err) }
		say().Str("partition ").Bytes(name(p)).Str(" stopped: ").Str(p.ended()).Str("; VP ").Dec(p.WhyVP).
			Str(", exit ").Dec(p.WhyExit & 0xffff).Str(" (").Str(vmcs.Reason(p.WhyExit).String()).Str("), raw ").Hex(p.WhyExit).
			Str(", qualification ").Hex(p.WhyQual).End()
		say().Str("  rip ").Hex(s.RIP).Str(" rsp ").Hex(s.RSP).Str(" rflags ").Hex(s.RFLAGS).Str(" cr0 ").Hex(s.CR0).
			Str(" cr3 ").Hex(s.CR3).Str(" cr4 ").Hex(s.CR4).Str(" efer ").Hex(s.EFER).End()
		say().Str("  cs ").Hex(s.CS).Str(" base ").Hex(s.CSBase).Str(" access ").Hex(s.CSAccess).Str(" ss ").Hex(s.SS).
			Str(" access ").Hex(s.SSAccess).Str(" tr ").Hex(s.TR).Str(" access ").Hex(s.TRAccess).Str(" gdtr ").Hex(s.GDTR).Str(" idtr ").Hex(s.IDTR).End()
		say().Str("  gpa ").Hex(s.GPA).Str(" linear ").Hex(s.Linear).Str(" interruptibility ").Hex(s.Interruptibility).
			Str(" activity ").Hex(s.Activity).Str(" entry event ").Hex(s.EntryInfo).Str(" vectoring ").Hex(s.IDTVectoring).Str(" error ").Dec(s.Error).End()
		say().Str("  controls: pin ").Hex(s.Pin).Str(" primary ").Hex(s.Primary).Str(" secondary ").Hex(s.Secondary).
			Str(" exit ").Hex(s.ExitCtl).Str(" entry ").Hex(s.EntryCtl).End()
		say().Str("  instruction bytes ").Hex(v.Insn.Lo).Str(" ").Hex(v.Insn.Hi).Str(" known ").Dec(v.Insn.N).End()
	}
}

// name returns p's name.
func name(p *Partition) []byte {
	for i, c := range p.Name {
		if c == 0 {
			return p.Name[:i]
		}
	}
	return p.Name[:]
}

// text returns what a recovered value says.
func text(cause any) string {
	switch c := cause.(type) {
	case error:
		return c.Error()
	case string:
		return c
	}
	return "panic"
}
