package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"perdure/partition/abi"
)

// restartJSON is the answer of "hvctl restart --json".
type restartJSON struct {
	Number       uint64       `json:"number"` // 0: there has been none
	Phase        string       `json:"phase"`
	Reason       string       `json:"reason,omitempty"`
	From         string       `json:"from"`
	To           string       `json:"to"`
	Generation   uint64       `json:"generation"`
	Flags        []string     `json:"flags"`
	Bytes        uint64       `json:"bytes"`
	Loaded       uint64       `json:"loaded"`
	SameLayout   bool         `json:"same_layout"`
	Records      uint64       `json:"records"`
	Residue      uint64       `json:"residue_bytes"`
	Budget       uint64       `json:"budget"`
	Predicted    uint64       `json:"predicted"`
	Blackout     uint64       `json:"blackout_ticks"`
	BlackoutUS   float64      `json:"blackout_us"`
	PredictError float64      `json:"predict_error"`    // (actual - predicted) / predicted
	Converting   uint64       `json:"converting_ticks"` // of the blackout, for the residue
	Mirrored     uint64       `json:"mirrored_ticks"`   // of all processors, before it
	MirrorShare  float64      `json:"mirror_share"`     // of the processors' time from boot to handoff
	VMXOps       uint64       `json:"vmx_ops"`
	Held         uint64       `json:"packets_held"`
	HomeOld      uint64       `json:"home_old"`
	HomeNew      uint64       `json:"home_new"`
	FreeBefore   uint64       `json:"free_before"`
	FreeAfter    uint64       `json:"free_after"`
	Milliseconds float64      `json:"ms"` // all of it
	Ticks        uint64       `json:"ticks"`
	Begin        uint64       `json:"begin_tsc"`    // when the first phase began
	BlackoutTSC  uint64       `json:"blackout_tsc"` // the first processor's last exit under the old instance
	Phases       []phaseJSON  `json:"phases"`
	CPUs         []cpuGapJSON `json:"cpus"`
	VPs          []vpGapJSON  `json:"vps"`

	record abi.Restart
	hz     uint64
}

// phaseJSON is one phase: when it began, from the beginning of the first, and how
// long it took.
type phaseJSON struct {
	Name  string  `json:"name"`
	At    float64 `json:"at_ms"`
	Took  float64 `json:"took_ms"`
	Ticks uint64  `json:"ticks"`
	phase abi.RestartPhase
	begin uint64
}

// cpuGapJSON is a processor in the blackout, in ticks from its last exit under the old
// instance.
type cpuGapJSON struct {
	CPU   int    `json:"cpu"`
	Met   uint64 `json:"met"`
	First uint64 `json:"first"` // 0: it had nothing to run
	Flip  bool   `json:"flip"`
	last  uint64
}

// vpGapJSON is what a virtual processor felt.
type vpGapJSON struct {
	Partition uint64  `json:"partition"`
	VP        uint64  `json:"vp"`
	Ticks     uint64  `json:"ticks"`
	US        float64 `json:"us"`
	last      uint64
}

// restartFlags names the flags, from the lowest bit on.
var restartFlags = [...]string{"force", "mirror=full", "native", "dry"}

// restartView makes the answer of a report.
func restartView(r *abi.Restart, hz uint64) *restartJSON {
	v := &restartJSON{
		Number: r.Number, Phase: abi.RestartPhase(r.Phase).String(), Reason: abi.Text(r.Reason[:]), From: abi.Text(r.From[:]), To: abi.Text(r.To[:]),
		Generation: r.Generation, Flags: []string{}, Bytes: r.Size, Loaded: r.Taken, SameLayout: r.Same != 0, Records: r.Records, Residue: r.Residue,
		Budget: r.Budget, Predicted: r.Predicted, Blackout: r.Blackout, Converting: r.Converting, Mirrored: r.Mirrored, VMXOps: r.VMXOps, Held: r.Held,
		HomeOld: r.HomeOld, HomeNew: r.HomeNew,
		FreeBefore: r.FreeBefore, FreeAfter: r.FreeAfter, Phases: []phaseJSON{}, CPUs: []cpuGapJSON{}, VPs: []vpGapJSON{}, record: *r, hz: hz,
	}
	for i, name := range restartFlags {
		if r.Flags>>i&1 != 0 {
			v.Flags = append(v.Flags, name)
		}
	}
	v.BlackoutUS = micros(r.Blackout, hz)
	if r.Predicted != 0 && r.Blackout != 0 {
		v.PredictError = (float64(r.Blackout) - float64(r.Predicted)) / float64(r.Predicted)
	}
	for p := abi.PhaseLoad; p < abi.NumPhases; p++ {
		if r.At[p] != 0 {
			v.Phases = append(v.Phases, phaseJSON{Name: p.String(), phase: p, begin: r.At[p]})
		}
	}
	for i := range v.Phases {
		p := &v.Phases[i]
		v.Begin = v.Phases[0].begin
		p.At = micros(since(p.begin, v.Phases[0].begin), hz) / 1000
		if i+1 < len(v.Phases) {
			p.Ticks = since(v.Phases[i+1].begin, p.begin)
			p.Took = micros(p.Ticks, hz) / 1000
		}
		v.Ticks, v.Milliseconds = since(p.begin, v.Phases[0].begin), p.At
	}
	for i, c := range r.CPU {
		if c.Last != 0 {
			if v.BlackoutTSC == 0 || c.Last < v.BlackoutTSC {
				v.BlackoutTSC = c.Last
			}
			v.CPUs = append(v.CPUs, cpuGapJSON{i, since(c.Met, c.Last), since(c.First, c.Last), c.Flip != 0, c.Last})
		}
	}
	if all := since(r.At[abi.PhaseHandoff], r.At[abi.PhaseBoot]) * uint64(len(v.CPUs)); all != 0 {
		v.MirrorShare = float64(r.Mirrored) / float64(all)
	}
	for _, p := range r.VP {
		if p.First != 0 {
			gap := since(p.First, p.Last)
			v.VPs = append(v.VPs, vpGapJSON{p.Partition, p.VP, gap, micros(gap, hz), p.Last})
		}
	}
	return v
}

// micros gives ticks in microseconds.
func micros(ticks, hz uint64) float64 { return float64(span(ticks, hz).Nanoseconds()) / 1000 }

// dry reports whether a dry run came to its end.
func (v *restartJSON) dry() bool {
	return v.record.Flags&abi.RestartDry != 0 && v.record.At[abi.PhaseReady] != 0 && strings.HasPrefix(v.Reason, "a dry run")
}

// good reports whether it did what was asked for.
func (v *restartJSON) good() bool {
	return abi.RestartPhase(v.record.Phase) == abi.PhaseDone || v.dry()
}

// verdict is the report in one line.
func (v *restartJSON) verdict() string {
	what := fmt.Sprintf("hot restart %d", v.Number)
	switch p := abi.RestartPhase(v.record.Phase); {
	case v.Number == 0:
		return "there has been no hot restart"
	case p == abi.PhaseDone:
		return fmt.Sprintf("%s: %s runs now, generation %d; blackout %d ticks (%.1f µs)", what, v.To, v.Generation, v.Blackout, v.BlackoutUS)
	case v.dry():
		return fmt.Sprintf("%s: all was ready, and nothing was changed; %s would take over", what, v.To)
	case p == abi.PhaseUndone:
		return fmt.Sprintf("%s: undone, %s runs on: %s", what, v.From, v.Reason)
	case p == abi.PhaseFailed:
		return fmt.Sprintf("%s: not done, %s runs on: %s", what, v.From, v.Reason)
	}
	return fmt.Sprintf("%s: under way, in phase %s", what, v.Phase)
}

// budget says what was allowed.
func budget(n uint64) string {
	if n == 0 {
		return "no budget"
	}
	return fmt.Sprintf("budget %d", n)
}

// print writes the report for people.
func (v *restartJSON) print(w io.Writer) {
	fmt.Fprintln(w, v.verdict())
	if v.Number == 0 {
		return
	}
	row := func(name, form string, args ...any) {
		fmt.Fprintf(w, "%-11s "+form+"\n", append([]any{name}, args...)...)
	}
	over := abi.RestartPhase(v.record.Phase).Over()
	row("Image", "%s to %s, %s; flags: %s", v.From, cmp.Or(v.To, "an unknown build"), size(v.Bytes), strings.Join(append(v.Flags, "-")[:max(1, len(v.Flags))], " "))
	layout := "another one, records are converted"
	switch {
	case v.SameLayout:
		layout = "the same, records stay in place"
	case v.record.Flags&abi.RestartFull != 0:
		layout = "records are copied, whatever it is"
	}
	if v.SameLayout || v.Records != 0 { // it has come so far
		row("Layout", "%s; %d records, residue %d bytes", layout, v.Records, v.Residue)
	}
	switch {
	case v.MirrorShare != 0:
		row("Mirror", "%d ticks, %.2f %% of the processors' time; %d ticks of the blackout for the residue", v.Mirrored, 100*v.MirrorShare, v.Converting)
	case v.Mirrored != 0:
		row("Mirror", "%d ticks", v.Mirrored)
	}
	if v.Blackout != 0 {
		row("Blackout", "%d ticks (%.1f µs), predicted %d (%+.1f %%), %s; %d VMX operations, %d packets held", v.Blackout, v.BlackoutUS, v.Predicted,
			100*v.PredictError, budget(v.Budget), v.VMXOps, v.Held)
	}
	switch {
	case !over:
		row("Memory", "free %s before", size(v.FreeBefore))
	case v.HomeNew == 0:
		row("Memory", "free %s before, %+d bytes after", size(v.FreeBefore), int64(v.FreeAfter-v.FreeBefore))
	default:
		row("Memory", "free %s before, %+d bytes after; home %#x, was %#x", size(v.FreeBefore), int64(v.FreeAfter-v.FreeBefore), v.HomeNew, v.HomeOld)
	}
	rows := [][]string{{"PHASE", " BEGAN", " TOOK"}}
	for _, p := range v.Phases {
		rows = append(rows, []string{p.Name, fmt.Sprintf("%.3f ms", p.At), fmt.Sprintf("%.3f ms", p.Took)})
	}
	table(w, rows)
	if len(v.CPUs) > 0 {
		rows = [][]string{{"PROCESSOR", " MET", " FIRST ENTRY", "BY"}}
		for _, c := range v.CPUs {
			first := "idle"
			if c.First != 0 {
				first = fmt.Sprint(c.First)
			}
			rows = append(rows, []string{fmt.Sprint(c.CPU), fmt.Sprint(c.Met), first, map[bool]string{true: "flip", false: "load"}[c.Flip]})
		}
		table(w, rows)
	}
	if len(v.VPs) > 0 {
		rows = [][]string{{"VP", " TICKS", " MICROSECONDS"}}
		for _, p := range v.VPs {
			rows = append(rows, []string{fmt.Sprintf("%d.%d", p.Partition, p.VP), fmt.Sprint(p.Ticks), fmt.Sprintf("%.1f", p.US)})
		}
		table(w, rows)
	}
}
