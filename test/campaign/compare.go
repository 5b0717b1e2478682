package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"

	"perdure/test/campaign/fault"
)

// fresh compares what became of the same faults when each was the only one on a copy of
// the machine, and when they came one after the other.
func (c *campaign) fresh(b *bytes.Buffer) {
	many, alone, both := map[string]fault.Class{}, map[string]fault.Tally{}, map[string]fault.Tally{}
	for _, r := range c.results {
		if c.ours(r) && !r.Alone {
			many[r.Tuple] = r.Class
		}
	}
	for _, r := range c.results {
		class, ok := many[r.Tuple]
		if !ok || !r.Alone || !c.ours(r) {
			continue
		}
		kind, _, _ := strings.Cut(r.Tuple, "/")
		if alone[kind] == nil {
			alone[kind], both[kind] = fault.Tally{}, fault.Tally{}
		}
		alone[kind][r.Class]++
		both[kind][class]++
	}
	var rows [][]string
	for _, kind := range fault.Kinds {
		if a, m := alone[kind], both[kind]; a != nil {
			rows = append(rows, []string{kind, fmt.Sprint(a.Made()), a.Success().String(), m.Success().String(), a.Unseen().String(), m.Unseen().String()})
		}
	}
	if len(rows) > 0 {
		b.WriteString("## Alone and among others\n\nThe same faults, each alone on a machine that has just booted, and among others on one that has got over those.\n\n")
		table(b, []string{"kind", "made alone", "success alone", "among others", "silent damage alone", "among others"}, rows)
	}
}

// unseen counts what ended a machine without the hypervisor having said a word.
func (g *group) unseen() (n int) {
	for i := range g.results {
		if g.results[i].Unseen {
			n++
		}
	}
	return n
}

// said is the success of what the hypervisor itself noticed.
func (g *group) said() fault.Rate {
	r := g.tally.Success()
	r.Of -= g.unseen()
	return r
}

// outcomes draws what became of the faults of each kind that manifested themselves.
func outcomes(dir string, kinds []*group) error {
	shades := map[fault.Class]string{fault.Clean: "2ca02c", fault.OneLost: "bcbd22", fault.Silent: "ff7f0e", fault.Failed: "d62728"}
	var bars []chart.StackedBar
	for _, g := range kinds {
		if g.tally.Manifested() == 0 {
			continue
		}
		bar := chart.StackedBar{Name: g.name, Width: 60}
		for _, class := range []fault.Class{fault.Clean, fault.OneLost, fault.Silent, fault.Failed} {
			if n := g.tally[class]; n > 0 {
				colour := drawing.ColorFromHex(shades[class])
				bar.Values = append(bar.Values, chart.Value{Value: float64(n), Style: chart.Style{FillColor: colour, StrokeColor: colour}})
			}
		}
		bars = append(bars, bar)
	}
	if len(bars) == 0 {
		return nil
	}
	c := chart.StackedBarChart{
		Title: "recovered (green), one guest lost (yellow), silent damage (orange), failed (red): shares of what manifested itself", TitleStyle: chart.Style{FontSize: 10},
		Width: 1100, Height: 420, BarSpacing: 25, Background: chart.Style{Padding: chart.Box{Top: 50, Left: 20, Right: 20, Bottom: 20}}, Bars: bars,
	}
	var picture bytes.Buffer
	if err := c.Render(chart.SVG, &picture); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "outcomes.svg"), append(bytes.TrimSpace(picture.Bytes()), '\n'), 0o644)
}

// wanted returns how many faults of each kind the plan of chance has.
func wanted() map[string]int {
	count := map[string]int{}
	for _, word := range strings.Fields(plans["chance"]) {
		kind, n, _ := strings.Cut(word, ":")
		var v int
		fmt.Sscan(n, &v)
		count[kind] += v
	}
	return count
}

// ours says whether a result is of one of the images that the report is about.
func (c *campaign) ours(r fault.Result) bool { return slices.Contains(c.builds, r.Build) }
