package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"

	"perdure/test/campaign/fault"
)

// colours of the kinds' lines, over and over.
var colours = []string{"1f77b4", "d62728", "2ca02c", "9467bd", "ff7f0e", "8c564b", "e377c2", "7f7f7f", "bcbd22", "17becf"}

// times returns one of the times of a kind's recoveries, sorted.
func (g *group) times(which func(r *fault.Result) uint64) (list []uint64) {
	for i := range g.results {
		if r := &g.results[i]; r.Resets > 0 && r.First > 0 {
			list = append(list, which(r))
		}
	}
	slices.Sort(list)
	return list
}

// What is measured of a recovery.
var (
	detect = func(r *fault.Result) uint64 { return r.Detect }
	first  = func(r *fault.Result) uint64 { return r.First }
	last   = func(r *fault.Result) uint64 { return r.Last }
)

// draw makes the pictures: of each kind, which share of the recoveries took how long.
func draw(dir string, kinds []*group) error {
	for _, p := range []struct {
		file, title string
		which       func(r *fault.Result) uint64
	}{
		{"detect.svg", "ticks from the fault until it was noticed", detect},
		{"resume.svg", "ticks from there until the first processor went on", first},
	} {
		var series []chart.Series
		for i, g := range kinds {
			list := g.times(p.which)
			if len(list) < 2 {
				continue
			}
			var x, y []float64
			for j, v := range list {
				at := math.Log10(float64(max(1, v)))
				x, y = append(x, at, at), append(y, 100*float64(j)/float64(len(list)), 100*float64(j+1)/float64(len(list)))
			}
			series = append(series, chart.ContinuousSeries{Name: g.name, XValues: x, YValues: y,
				Style: chart.Style{StrokeWidth: 2, StrokeColor: drawing.ColorFromHex(colours[i%len(colours)])}})
		}
		if len(series) == 0 {
			continue
		}
		c := chart.Chart{
			Title: p.title, Width: 900, Height: 420, Background: chart.Style{Padding: chart.Box{Top: 40, Left: 130, Right: 20, Bottom: 20}},
			XAxis:  chart.XAxis{ValueFormatter: func(v any) string { return fmt.Sprintf("10^%.1f", v) }},
			YAxis:  chart.YAxis{Name: "% of recoveries", ValueFormatter: func(v any) string { return fmt.Sprintf("%.0f", v) }},
			Series: series,
		}
		c.Elements = []chart.Renderable{chart.LegendLeft(&c)}
		var picture bytes.Buffer
		if err := c.Render(chart.SVG, &picture); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, p.file), append(bytes.TrimSpace(picture.Bytes()), '\n'), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// latencies writes the times as a table.
func latencies(b *bytes.Buffer, kinds []*group) {
	var rows [][]string
	for _, g := range kinds {
		row := []string{g.name}
		for _, which := range []func(r *fault.Result) uint64{detect, first, last} {
			list := g.times(which)
			if len(list) == 0 {
				row = append(row, "–")
				continue
			}
			row = append(row, fmt.Sprintf("%d / %d / %d", list[len(list)/2], list[len(list)*99/100], list[len(list)-1]))
		}
		rows = append(rows, row)
	}
	b.WriteString("The middle, the 99th of 100, and the greatest:\n\n")
	table(b, []string{"kind", "fault to noticing", "to the first processor", "to all"}, rows)
}
