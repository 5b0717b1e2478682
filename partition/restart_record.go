package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// Restart is the hot restart that is under way, or the last one: a kept record.
// The control goroutine alone writes it, but for what a handoff measures.
//
// At rest: Report.Phase says what has been done; what the restart holds is in the
// words below, and is given back when their time is over, whoever does it.
type Restart struct {
	Report   abi.Restart
	Service  uint64    // number of the service partition, 0: none
	Image    uint64    // HPA of the image file, which is that partition's
	Entry    uint64    // HPA at which it begins
	Home     uint64    // HPA of the candidate's home, 0: none
	Seat     uint64    // HPA of the page where the candidate may be entered, 0: it is not ready
	Back     uint64    // HPA of the seat of the instance that handed over, 0: it did not
	Called   uint64    // how often the processors were called to meet
	Guard    uint64    // 1: processors watch each other until it is over
	Here     uint64    // processors that the instance has which took over, a bit each
	Asked    uint64    // the question that all processors were asked in the undo window
	Resets   uint64    // Host.Resets when it began
	Watch    uint64    // 1: it is looked at with every tick
	Deadline uint64    // TSC value up to which the next sign of life must come
	Checked  uint64    `kept:"default=0"` // 1: the image file is being judged
	Sign     uint64    `kept:"default=0"` // ticks that the candidate had run for at its last sign of life
	Done, Of uint64    // how much of its start the candidate says is done
	WhyN     uint64    // bytes of Why
	Why      [128]byte // why the candidate refuses, as far as it has said
	Heard    uint64    // position up to which the log has what the candidate said
	Abort    uint64    // 1: somebody wants it to end
	Ends     uint64    // the last phase, once all is given back; 0: it goes on
	Fail     uint64    // the edge at which it is to fail, for tests; see Fails
}

// OnRestart does the next step of the hot restart; whoever knows how sets it.
var OnRestart = func(*Restart) {}

// Restarting returns the record of the restart under way, or of the last one.
func Restarting() *Restart { return &tab.Host.Restart }

// restarts does the next step, and returns how many objects it leaves at most.
func restarts() (leaves int) {
	r := Restarting()
	p := r.Phase()
	if p != abi.PhaseNone && !p.Over() {
		r.echo()
	}
	OnRestart(r)
	standby()
	if p == abi.PhaseCheck && r.Phase() == p {
		return 0 // there are many of these, which only compute
	}
	return leavesRestart
}

// Again has the next step done soon.
func (r *Restart) Again() { atomic.OrUint64(&tab.Host.Work, WorkRestart) }

// Phase returns where r stands.
func (r *Restart) Phase() abi.RestartPhase { return abi.RestartPhase(r.Report.Phase) }

// Enter begins a phase. If it is begun again, the time stays.
func (r *Restart) Enter(p abi.RestartPhase) {
	if at := &r.Report.At[p]; *at == 0 {
		*at = x86.RDTSC()
	}
	r.Report.Phase = uint64(p)
	r.Again()
	if p == abi.PhaseReady { // the tick that follows is soon
		atomic.StoreUint64(&tab.Host.Tick, 1)
		tab.CPUs[0].Rearm = 1
		kernel.CPUAt(0).Kick()
	}
}

// quick is how many times as often ticks come while processors change hands: each
// looks whether they have.
const quick = 16

// tick returns how long it is to the next one.
//
//go:nosplit
func (h *Host) tick() uint64 {
	if p := abi.RestartPhase(h.Restart.Report.Phase); p >= abi.PhaseReady && !p.Over() {
		return h.TickLen / quick
	}
	return h.TickLen
}

// End has r end with a phase and a reason, as soon as all is given back.
func (r *Restart) End(p abi.RestartPhase, why string) {
	if r.Ends != 0 {
		return
	}
	abi.SetText(r.Report.Reason[:len(r.Report.Reason)-1], why)
	r.Ends, r.Called = uint64(p), 0
	if r == Restarting() {
		console.Say(console.Warn).Str("hot restart ").Dec(r.Report.Number).Str(", ").Str(r.Phase().String()).Str(": ").Str(why).End()
	}
	r.Again()
}

// Since reports how many seconds ago phase p began.
func (r *Restart) Since(p abi.RestartPhase) uint64 {
	return (x86.RDTSC() - r.Report.At[p]) / max(tab.Host.TSCHz, 1)
}

// Alive notes a sign of life; the next one must come within so many seconds.
func (r *Restart) Alive(seconds uint64) { r.Deadline = x86.RDTSC() + seconds*tab.Host.TSCHz }

// Hz returns how many ticks of the TSC a second has.
func (r *Restart) Hz() uint64 { return tab.Host.TSCHz }

// CPUs returns how many processors have to meet.
func (r *Restart) CPUs() uint64 { return tab.Host.CPUs }

// Key returns the key whose images are trusted, zero: that which is built in.
func (r *Restart) Key() [32]byte { return tab.Host.Key }

// Late reports whether it did not.
func (r *Restart) Late() bool { return x86.RDTSC() > r.Deadline }

// Reset reports whether the running instance lost its volatile state since r began.
func (r *Restart) Reset() bool { return r.Resets != tab.Host.Resets }

// File returns the image file, as far as it has been loaded.
func (r *Restart) File() []byte { return mm.Bytes(addr.HPA(r.Image), r.Report.Taken) }

// Close ends r with phase p, now that all has been given back.
func (r *Restart) Close(p abi.RestartPhase) {
	unguard()
	r.Service = 0
	r.Report.FreeAfter = mm.Totals()[mm.Free]
	r.Report.Generation = tab.Host.Generation
	r.Watch, r.Ends = 0, uint64(p)
	r.Enter(p)
	end := r.Phase().String()
	if r.Report.Flags&abi.RestartDry != 0 && r.Report.At[abi.PhaseReady] != 0 {
		end = "dropped, since it is a dry run"
	}
	console.Say(console.Info).Str("hot restart ").Dec(r.Report.Number).Str(": ").Str(end).End()
}

// watch has the control goroutine look at the restart under way.
//
//go:nosplit
func (h *Host) watch() {
	if h.Restart.Watch|h.Standby.Watch != 0 || h.Standby.State == StandbyReady && kernel.Damaged() {
		atomic.OrUint64(&h.Work, WorkRestart)
	}
}

// echo puts the whole lines that the candidate said since the last time into the
// log, with a mark.
func (r *Restart) echo() {
	p := r.Partition()
	if p == nil {
		return
	}
	var buf [256]byte
	for {
		n, next := p.heard(r.Heard, buf[:])
		line, whole := buf[:n], n == uint64(len(buf))
		for i, b := range line {
			if b == '\n' {
				line, whole, next = line[:i], true, next-n+uint64(i)+1
				break
			}
		}
		if !whole {
			return
		}
		if k := len(line); k > 0 && line[k-1] == '\r' {
			line = line[:k-1]
		}
		mark := "candidate: "
		if r != Restarting() {
			mark = "standby: "
		}
		console.Say(console.Info).Str(mark).Bytes(line).End()
		r.Heard = next
	}
}
