package fake

import "perdure/partition/abi"

// Restart is what a machine does when it is asked for a hot restart.
type Restart struct {
	abi.Restart
	File  []byte
	Fails string           // why it fails; empty: it does not
	In    abi.RestartPhase // in which phase that is
	Busy  bool             // another one is under way
	tick  uint64
}

// restartTick lies between two phases, in ticks.
const restartTick = 1e6

// restart answers CallRestart. A phase takes one look at the report.
func (m *Machine) restart(buf []byte, arg func(int) uint64) (uint64, uint64, error) {
	r := &m.Restart
	phase := abi.RestartPhase(r.Phase)
	under := phase != abi.PhaseNone && !phase.Over()
	switch abi.RestartOp(arg(0)) {
	case abi.RestartBegin:
		if r.Busy || under {
			return 0, 0, abi.ErrBusy
		}
		r.Restart = abi.Restart{Number: r.Number + 1, Size: arg(1), Flags: arg(2), Budget: arg(3), Generation: m.Info.Generation, FreeBefore: m.Info.Mem.Free}
		abi.SetText(r.From[:], abi.Text(m.Info.Build[:]))
		r.File = make([]byte, arg(1))
		r.enter(abi.PhaseLoad)
		return r.Number, 0, nil
	case abi.RestartLoad:
		if phase != abi.PhaseLoad {
			return 0, 0, abi.ErrState
		}
		n := uint64(copy(r.File[arg(1):], buf))
		r.Taken += n
		return n, 0, nil
	case abi.RestartGo:
		if phase != abi.PhaseLoad || r.Taken != r.Size {
			return 0, 0, abi.ErrState
		}
		r.enter(abi.PhaseCheck)
		return 0, 0, nil
	case abi.RestartAbort:
		if under {
			r.end(abi.PhaseFailed, "somebody asked for its end")
		}
		return 0, 0, nil
	case abi.RestartReport:
		r.Header = abi.HeaderOf(&r.Restart)
		n := uint64(copy(buf, r.Bytes()))
		m.advance()
		return n, 0, nil
	}
	return 0, 0, abi.ErrArgument
}

func (r *Restart) enter(p abi.RestartPhase) {
	r.tick += restartTick
	r.Phase, r.At[p] = uint64(p), r.tick
}

func (r *Restart) end(p abi.RestartPhase, why string) {
	r.enter(p)
	abi.SetText(r.Reason[:], why)
}

// advance does one phase of what is under way.
func (m *Machine) advance() {
	r := &m.Restart
	p := abi.RestartPhase(r.Phase)
	switch {
	case p < abi.PhaseCheck || p.Over():
	case r.Fails != "" && p == r.In && p > abi.PhaseHandoff:
		r.end(abi.PhaseUndone, r.Fails)
	case r.Fails != "" && p == r.In:
		r.end(abi.PhaseFailed, r.Fails)
	case p == abi.PhaseReady && r.Flags&abi.RestartDry != 0:
		r.end(abi.PhaseFailed, "a dry run: all was ready")
	case p == abi.PhaseHandoff:
		m.handOver()
	case p == abi.PhaseFree:
		r.FreeAfter = r.FreeBefore
		r.enter(abi.PhaseDone)
	default:
		r.enter(p + 1)
	}
}

// handOver makes up what a handoff with one processor and one VP finds.
func (m *Machine) handOver() {
	r := &m.Restart
	r.enter(abi.PhaseUndo)
	m.Info.Generation++
	r.Generation, r.Same, r.Records, r.Predicted, r.Blackout, r.VMXOps = m.Info.Generation, 1, 42, 900, 812, 12
	if r.Flags&abi.RestartFull != 0 {
		r.Same, r.Residue, r.Converting, r.Mirrored = 0, 3000, 700, 1_000_000
	}
	at := r.At[abi.PhaseHandoff] + 100
	r.CPU[0] = abi.RestartCPU{Last: at, Met: at + 300, First: at + 812, Flip: 1 &^ (r.Flags / abi.RestartNative)}
	r.VP[0] = abi.RestartVP{Partition: 0, VP: 0, Last: at, First: at + 812}
	abi.SetText(r.To[:], "4567cdef")
	m.Info.Build = [len(m.Info.Build)]byte{}
	abi.SetText(m.Info.Build[:], "4567cdef")
}
