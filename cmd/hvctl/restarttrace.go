package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// traceJSON is a file that Perfetto and Chrome show: "Trace Event Format", the
// JSON object form.
type traceJSON struct {
	Events []traceEvent `json:"traceEvents"`
	Unit   string       `json:"displayTimeUnit"`
}

// traceEvent is a span ("X"), an instant ("i") or a name ("M"). Times are in
// microseconds.
type traceEvent struct {
	Name  string         `json:"name"`
	Kind  string         `json:"ph"`
	At    float64        `json:"ts"`
	Took  *float64       `json:"dur,omitempty"` // every span has it, be it 0
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	Scope string         `json:"s,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
}

// Rows of the trace: the phases, the processors, and from traceVPs on a group for
// each partition.
const (
	tracePhases = 1
	traceCPUs   = 2
	traceVPs    = 10
)

// trace draws the restart: what was done when, what each processor did in the
// blackout, and what each virtual processor felt.
func (v *restartJSON) trace() traceJSON {
	t := traceJSON{Events: []traceEvent{}, Unit: "ns"}
	if len(v.Phases) == 0 {
		return t
	}
	zero := v.Phases[0].begin
	at := func(tsc uint64) float64 { return micros(since(tsc, zero), v.hz) }
	name := func(kind, text string, pid, tid int) {
		t.Events = append(t.Events, traceEvent{Name: kind, Kind: "M", PID: pid, TID: tid, Args: map[string]any{"name": text}})
	}
	add := func(text string, from, ticks uint64, pid, tid int, args map[string]any) {
		took := micros(ticks, v.hz)
		t.Events = append(t.Events, traceEvent{Name: text, Kind: "X", At: at(from), Took: &took, PID: pid, TID: tid, Args: args})
	}
	name("process_name", fmt.Sprintf("hot restart %d", v.Number), tracePhases, 0)
	name("thread_name", "phases", tracePhases, 0)
	for _, p := range v.Phases {
		add(p.Name, p.begin, p.Ticks, tracePhases, 0, nil)
	}
	end := &v.Phases[len(v.Phases)-1]
	t.Events = append(t.Events, traceEvent{Name: v.verdict(), Kind: "i", At: at(end.begin), PID: tracePhases, Scope: "g"})
	name("process_name", "processors", traceCPUs, 0)
	for _, c := range v.CPUs {
		name("thread_name", fmt.Sprintf("processor %d", c.CPU), traceCPUs, c.CPU)
		add("to the meeting", c.last, c.Met, traceCPUs, c.CPU, nil)
		if c.First > c.Met {
			add("to the first entry", c.last+c.Met, c.First-c.Met, traceCPUs, c.CPU, map[string]any{"flip": c.Flip})
		}
	}
	for _, p := range v.VPs {
		pid := traceVPs + int(p.Partition)
		name("process_name", fmt.Sprintf("partition %d", p.Partition), pid, int(p.VP))
		name("thread_name", fmt.Sprintf("VP %d.%d", p.Partition, p.VP), pid, int(p.VP))
		add("blackout", p.last, p.Ticks, pid, int(p.VP), map[string]any{"ticks": p.Ticks})
	}
	return t
}

// writeTrace writes it to a file.
func (v *restartJSON) writeTrace(file string) error {
	text, err := json.Marshal(v.trace())
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}
