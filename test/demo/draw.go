package main

import (
	"fmt"
	"os"

	"github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// Colours of the guests' dots, and of the blackout.
var (
	dots     = []string{"1f77b4", "2ca02c", "9467bd", "ff7f0e"}
	blackout = drawing.ColorFromHex("d62728")
)

// draw makes both pictures.
func (f *felt) draw(out string) error {
	for _, kind := range []struct {
		ending   string
		provider chart.RendererProvider
	}{{".svg", chart.SVG}, {".png", chart.PNG}} {
		file, err := os.Create(out + kind.ending)
		if err != nil {
			return err
		}
		c := f.chart()
		err = c.Render(kind.provider, file)
		if e := file.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		fmt.Println(out + kind.ending)
	}
	return nil
}

// chart makes the picture: a dot for each datagram, and a line for the blackout.
func (f *felt) chart() chart.Chart {
	most, first, last := 0.0, 0.0, 0.0
	var series []chart.Series
	for i, g := range f.guests {
		colour := drawing.ColorFromHex(dots[i%len(dots)])
		var x, y []float64
		for _, s := range f.samples[g] {
			x, y = append(x, f.at(s.sent)), append(y, f.micros(s.delay))
			most, first, last = max(most, y[len(y)-1]), min(first, x[len(x)-1]), max(last, x[len(x)-1])
		}
		series = append(series, chart.ContinuousSeries{
			Name: "to guest " + g, XValues: x, YValues: y,
			Style: chart.Style{StrokeWidth: chart.Disabled, StrokeColor: colour, DotWidth: 2, DotColor: colour},
		})
	}
	from, to := f.blackout()
	line := func(name string, at float64, s chart.Style) {
		series = append(series, chart.ContinuousSeries{Name: name, XValues: []float64{at, at}, YValues: []float64{0, most}, Style: s})
	}
	begins := chart.Style{StrokeColor: chart.ColorAlternateGray, StrokeWidth: 1, StrokeDashArray: []float64{4, 4}}
	line("image comes in / old home given back", -from, begins)
	series = append(series, chart.ContinuousSeries{XValues: []float64{f.restart.Milliseconds - from, f.restart.Milliseconds - from}, YValues: []float64{0, most}, Style: begins})
	line(fmt.Sprintf("blackout, %.0f ticks = %.1f µs", f.restart.Blackout, f.restart.BlackoutUS), 0, chart.Style{StrokeColor: blackout, StrokeWidth: 1.5})
	series = append(series, chart.ContinuousSeries{XValues: []float64{to - from, to - from}, YValues: []float64{0, most}, Style: chart.Style{StrokeColor: blackout, StrokeWidth: 1.5}})
	whole := func(v any) string { return fmt.Sprintf("%.0f", v) }
	c := chart.Chart{
		Width: 1200, Height: 600,
		Background: chart.Style{Padding: chart.Box{Top: 90, Left: 20, Right: 30, Bottom: 20}},
		XAxis:      chart.XAxis{Name: "milliseconds from the blackout", ValueFormatter: whole, Range: &chart.ContinuousRange{Min: first, Max: last}},
		YAxis:      chart.YAxis{Name: "delay in µs", ValueFormatter: whole, Range: &chart.ContinuousRange{Min: 0, Max: most * 1.05}},
		Series:     series,
	}
	named := c
	named.Series = nil
	for _, s := range series {
		if s.GetName() != "" {
			named.Series = append(named.Series, s)
		}
	}
	title := fmt.Sprintf("How long datagrams between four guests took while Perdure %s was replaced by %s below them", f.restart.From, f.restart.To)
	c.Elements = []chart.Renderable{chart.LegendThin(&named), func(r chart.Renderer, box chart.Box, defaults chart.Style) {
		chart.Draw.Text(r, title, box.Left, 28, chart.Style{FontSize: 13, FontColor: chart.ColorBlack}.InheritFrom(defaults))
	}}
	return c
}
