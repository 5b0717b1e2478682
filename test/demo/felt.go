package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// felt is what guests felt, in ticks of the TSC.
type felt struct {
	guests  []string
	samples map[string][]sample // by the guest that received them
	restart restart
	hz      float64
}

// sample is one datagram.
type sample struct{ sent, delay float64 }

// restart is the part of "hvctl restart --json" that is drawn.
type restart struct {
	Number       uint64  `json:"number"`
	Phase        string  `json:"phase"`
	From         string  `json:"from"`
	To           string  `json:"to"`
	Blackout     float64 `json:"blackout_ticks"`
	BlackoutUS   float64 `json:"blackout_us"`
	Ticks        float64 `json:"ticks"`
	Milliseconds float64 `json:"ms"`
	Begin        float64 `json:"begin_tsc"`
	BlackoutTSC  float64 `json:"blackout_tsc"`
}

var errSaid = errors.New("the machine did not say what is to be drawn")

// readFelt reads what "hvtest in -meanwhile" printed.
func readFelt(text string) (*felt, error) {
	f := &felt{samples: map[string][]sample{}}
	var report strings.Builder
	for line := range strings.Lines(text) {
		who, said, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		switch {
		case !ok:
		case who == "meanwhile":
			report.WriteString(said + "\n")
		case strings.HasPrefix(said, "sample."):
			var s sample
			if n, _ := fmt.Sscanf(said[strings.IndexByte(said, ' '):], " %f %f", &s.sent, &s.delay); n == 2 {
				f.samples[who] = append(f.samples[who], s)
			}
		}
	}
	if err := json.Unmarshal([]byte(report.String()), &f.restart); err != nil {
		return nil, fmt.Errorf("%w: %w", errSaid, err)
	}
	for who, s := range f.samples {
		f.guests = append(f.guests, who)
		slices.SortFunc(s, func(a, b sample) int { return int(a.sent - b.sent) })
	}
	slices.Sort(f.guests)
	if len(f.guests) == 0 || f.restart.Ticks == 0 || f.restart.Milliseconds == 0 || f.restart.BlackoutTSC == 0 {
		return nil, errSaid
	}
	f.hz = f.restart.Ticks / f.restart.Milliseconds * 1000
	return f, nil
}

// blackout gives the begin and end of what nobody ran in, in milliseconds after
// the restart began.
func (f *felt) blackout() (from, to float64) {
	from = (f.restart.BlackoutTSC - f.restart.Begin) / f.hz * 1000
	return from, from + f.restart.BlackoutUS/1000
}

// at gives a TSC value in milliseconds after the blackout began.
func (f *felt) at(tsc float64) float64 {
	from, _ := f.blackout()
	return (tsc-f.restart.Begin)/f.hz*1000 - from
}

// micros gives ticks in microseconds.
func (f *felt) micros(ticks float64) float64 { return ticks / f.hz * 1e6 }

// summary is the picture in one line for each guest.
func (f *felt) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hot restart %d, %s to %s: %s; blackout %.0f ticks (%.1f µs)\n", f.restart.Number, f.restart.From, f.restart.To, f.restart.Phase,
		f.restart.Blackout, f.restart.BlackoutUS)
	for _, g := range f.guests {
		longest, across := sample{}, sample{}
		var delays []float64
		for _, s := range f.samples[g] {
			delays = append(delays, s.delay)
			if s.delay > longest.delay {
				longest = s
			}
			if at := f.at(s.sent); at <= 0 && at+f.micros(s.delay)/1000 >= 0 && s.delay > across.delay {
				across = s
			}
		}
		slices.Sort(delays)
		fmt.Fprintf(&b, "%s: %d datagrams, half of them within %.0f µs, the slowest %.0f µs (%.0f ms from the blackout)", g, len(delays),
			f.micros(delays[len(delays)/2]), f.micros(longest.delay), f.at(longest.sent))
		if across.delay > 0 {
			fmt.Fprintf(&b, "; one was on its way in the blackout, and took %.0f µs", f.micros(across.delay))
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}
