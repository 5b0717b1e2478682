package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// The scrubber looks for damage that nobody has met: a piece with every tick, in
// the control goroutine. What has a second copy is put right; a guest whose
// records cannot be is stopped; the log says what was found.

// scrub is how far it is. A reset loses it: the look begins anew.
var scrub struct {
	part  uint64
	at    uint64
	asked uint64 // number of the question to the processors
	wrong uint64 // what the structures said when they were last told of
}

// scrubs are what a look consists of. Each does a piece from at on, and returns
// where to go on, 0 if it is done.
var scrubs = [...]func(at uint64) (next uint64){
	scrubRecords, kernel.Scrub, scrubProcessors, scrubRecords, kernel.ScrubCopies, scrubStructures,
}

// scrubDue asks for a piece, and has the processor that calls look; not while a
// restart is under way, which looks at everything itself.
//
//go:nosplit
func (c *CPU) scrubDue() {
	h := tab.Host
	if h.Restart.Watch != 0 || h.Recovery.Scrub != 0 {
		return
	}
	atomic.OrUint64(&h.Work, WorkScrub)
	if c.Active != 0 {
		c.Leave = 1
	}
}

// scrubSome does a piece.
func scrubSome() {
	s := &scrub
	if s.at = scrubs[s.part](s.at); s.at == 0 {
		s.part = (s.part + 1) % uint64(len(scrubs))
	}
	if kernel.ScrubEntry() {
		doubtAll()
	}
	tab.Host.Standby.scrub()
	tellDamage()
	complainAll()
}

// scrubRecords looks at the steady words of all records.
func scrubRecords(uint64) uint64 {
	if tab.Host.Identity == 0 {
		tab.Host.seal() // it was another build's
	}
	for i := range tab.Host.CPUs {
		if tab.CPUs[i].mend() == lost {
			kernel.Fail("the records of the machine or of a processor are damaged")
		}
	}
	for i := range tab.Host.VPs {
		if v := &tab.VPs[i]; v.mend() == lost {
			v.owner().quarantine()
		}
	}
	return 0
}

// scrubProcessors has every processor look at the host state of its VMCS. The
// answers are waited for until the next piece; a self check that asks too comes first.
func scrubProcessors(at uint64) uint64 {
	s := &scrub
	if tab.Host.Check.Report.State == abi.CheckRunning {
		return 0
	}
	if at == 0 {
		s.asked = x86.RDTSC()
		ask(s.asked)
		return 1
	}
	var f Findings
	if told(s.asked, &f) && f.Wrong != 0 {
		noteDamage(mended, f.Wrong)
	}
	return 0
}

// scrubStructures looks at the arena's directory and tags, and at whose the frames
// are. Nothing of these has a copy.
func scrubStructures(uint64) uint64 {
	spent += leavesCheck
	mendStructures()
	k, f := kept.Check(), mm.Check()
	wrong := k.Wrong + f.Wrong
	if wrong > scrub.wrong {
		noteDamage(lost, wrong-scrub.wrong)
	}
	scrub.wrong = wrong
	return 0
}

// mendStructures puts single wrong bits right in what says whose memory and pages of
// kept state are, and in what root was started with: sums say where they are.
func mendStructures() {
	n := mm.Mend() + kept.Mend(func(o kept.Owner) bool {
		return o == kept.Hypervisor || uint64(o) <= MaxPartitions && Lookup(uint64(o)-1).State != Free
	})
	if kept.Correct(&tab.Host.Boot, kept.KindHost) {
		n++
	}
	if n != 0 {
		noteDamage(mended, n)
	}
}

// tellRecovery says in the log that there was a recovery, once for each that the
// control goroutine gets to know of.
func tellRecovery() {
	r := &tab.Host.Recovery
	if r.Told == r.Last {
		return
	}
	r.Told = r.Last
	e := &r.Ring[r.Last%Resets]
	console.Say(console.Warn).Str("recovery ").Dec(e.Number).Str(": ").Str(e.Cause.String()).Str(" on processor ").Dec(uint64(e.Processor)).
		Str(" at ").Hex(e.At).Str(", ").Str(e.Rung.String()).Str(" because of ").Str(e.Reason.String()).End()
}

// noteMended counts the pages that the kernel has put right since the last time.
func noteMended() {
	r := &tab.Host.Recovery
	if n := kernel.Mended(); n != r.Mended {
		noteDamage(mended, n-r.Mended)
		r.Mended = n
	}
}

// tellDamage says in the log what was found since the last time.
func tellDamage() {
	h := tab.Host
	d := &h.Damage
	noteMended()
	if n := kernel.Lost(); n != d.Pages {
		noteDamage(lost, 1)
		d.Pages = n
	}
	if n := d.Mended + d.Lost; n != d.Told {
		d.Told = n
		console.Say(console.Warn).Str("damage found: ").Dec(d.Mended).Str(" times put right, ").Dec(d.Lost).Str(" times not, so far").End()
	}
}
