package partition

import (
	"perdure/kernel"
	"perdure/kernel/pages"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// Check is a self check under way, or the last one: a kept record. It is made in
// steps, one for each call, and changed as a whole after each.
type Check struct {
	Part   uint64 // which part is next
	At     uint64 // where that part goes on
	Began  uint64 // TSC; also its number, for processors that are asked
	Asked  uint64 // TSC of the last step
	Report abi.Check
}

// parts are what a check consists of. Each does a step from at on, and returns
// where to go on, 0 if it is done.
var parts = [...]func(c *Check, at uint64) (next uint64){
	mendCode, mendCopies, checkEPT, checkFrames, checkKept, checkTables, checkGolden, checkStacks, checkVMCS,
}

// check does the next step of the self check that request began, or begins it.
// Another one that somebody goes on asking for is finished first.
func check(request uint64) (*abi.Check, abi.Errno) {
	c := &scratch.check
	*c = tab.Host.Check
	r := &c.Report
	now := x86.RDTSC()
	if r.Request != request || r.State == 0 {
		if r.State == abi.CheckRunning && now-c.Asked < tab.Host.TSCHz {
			return nil, abi.ErrBusy
		}
		*c = Check{Began: now, Report: abi.Check{Header: abi.HeaderOf(r), Request: request, State: abi.CheckRunning}}
		ask(c.Began)
	}
	if r.State == abi.CheckRunning {
		c.Asked = now
		if c.Part < uint64(len(parts)) { // else the last step was cut short while it was noted
			if c.At = parts[c.Part](c, c.At); c.At == 0 {
				c.Part++
			}
		}
		r.Progress = uint32(c.Part * 1000 / uint64(len(parts)))
		if c.Part >= uint64(len(parts)) {
			c.finish()
		}
		kernel.Enter(abi.Section(abi.CallCheck, 0) | abi.Commits)
		tab.Host.Check = *c
	}
	return &tab.Host.Check.Report, 0
}

// finish gives the verdicts.
func (c *Check) finish() {
	c.Report.State = abi.CheckDone
	for i := range c.Report.Items {
		it := &c.Report.Items[i]
		switch {
		case it.Wrong != 0:
			it.Verdict = abi.VerdictBad
		case it.Examined != 0:
			it.Verdict = abi.VerdictGood
		}
	}
}

// Findings are what is known of one item.
type Findings abi.CheckItem

// item returns the findings about item i.
func (c *Check) item(i int) *Findings { return (*Findings)(&c.Report.Items[i]) }

// add adds what another part found.
func (f *Findings) add(examined, wrong, first uint64) {
	f.Examined += examined
	if wrong != 0 && f.Wrong == 0 {
		f.First = first
	}
	f.Wrong += wrong
}

// mendCode and mendCopies put right what can be put right, so that what is found
// afterwards is what cannot. The log has it.
func mendCode(_ *Check, at uint64) uint64 { return mendPages(kernel.Scrub, at) }

func mendCopies(_ *Check, at uint64) uint64 { return mendPages(kernel.ScrubCopies, at) }

// mendPages does some steps of f.
func mendPages(f func(at uint64) uint64, at uint64) uint64 {
	const steps = 32
	for range steps {
		if at = f(at); at == 0 {
			break
		}
	}
	tellDamage()
	return at
}

func checkFrames(c *Check, _ uint64) uint64 {
	f := mm.Check()
	checkRings(&f)
	c.item(abi.ItemFrames).add(f.Examined, f.Wrong, f.First)
	return 0
}

func checkKept(c *Check, _ uint64) uint64 {
	scrubRecords(0)
	mendStructures()
	tellDamage()
	k := kept.Check()
	checkIdentities(&k)
	c.item(abi.ItemKept).add(k.Examined, k.Wrong, k.First)
	return 0
}

func checkTables(c *Check, _ uint64) uint64 {
	r := kernel.CheckTables()
	c.item(abi.ItemHome).add(r.Examined, r.Wrong, r.First)
	return 0
}

func checkGolden(c *Check, at uint64) uint64 {
	var r pages.Report
	next := kernel.CheckGolden(at, &r)
	c.item(abi.ItemGolden).add(r.Examined, r.Wrong, r.First)
	return next
}

func checkStacks(c *Check, _ uint64) uint64 {
	r := kernel.CheckStacks()
	c.item(abi.ItemStacks).add(r.Examined, r.Wrong, r.First)
	return 0
}

// checkVMCS collects what the processors have answered. One that says nothing
// for a second is wrong itself.
func checkVMCS(c *Check, _ uint64) uint64 {
	f := c.item(abi.ItemVMCS)
	switch {
	case told(c.Began, f):
		return 0
	case c.Asked-c.Began < tab.Host.TSCHz:
		return 1
	}
	f.add(1, 1, 0)
	return 0
}

// checkEPT looks at everything that partitions have mapped: nothing may be the
// hypervisor's, and memory must be the partition's own.
func checkEPT(c *Check, _ uint64) uint64 {
	hv, own := c.item(abi.ItemEPT), c.item(abi.ItemEPTOwner)
	for i := range tab.Partitions {
		p := &tab.Partitions[i]
		if p.State == Free || p.RAM.EPTP == 0 {
			continue
		}
		ept.Each(p.RAM.EPTP, func(gpa addr.GPA, hpa addr.HPA, size uint64, perm ept.Perm, mem ept.MemType) {
			at, bad := mm.Has(hpa, size, p.mayNotMap(gpa, perm)...)
			hv.add(1, b2u(bad), uint64(at))
			if mem != ept.WB {
				return
			}
			at, bad = mm.HasNot(hpa, size, p.mayMap()...)
			own.add(1, b2u(bad), uint64(at))
		})
	}
	return 0
}
