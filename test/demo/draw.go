package main

import (
	"fmt"
	"math"
	"os"
	"strconv"

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
	var names []mark
	for i, g := range f.guests {
		colour := drawing.ColorFromHex(dots[i%len(dots)])
		var x, y []float64
		for _, s := range f.samples[g] {
			at, took := f.at(s.sent), f.micros(s.delay)/1000
			x, y = append(x, at), append(y, took)
			most, first, last = max(most, took), min(first, at), max(last, at)
		}
		series = append(series, chart.ContinuousSeries{
			XValues: x, YValues: y, YAxis: chart.YAxisSecondary,
			Style: chart.Style{StrokeWidth: chart.Disabled, StrokeColor: colour, DotWidth: 2, DotColor: colour},
		})
		names = append(names, mark{"to guest " + g, colour, true})
	}
	most *= 1.05
	line := func(at float64, s chart.Style) {
		series = append(series, chart.ContinuousSeries{XValues: []float64{at, at}, YValues: []float64{0, most}, YAxis: chart.YAxisSecondary, Style: s})
	}
	from, to := f.blackout()
	edge := chart.Style{StrokeColor: chart.ColorAlternateGray, StrokeWidth: 1, StrokeDashArray: []float64{4, 4}}
	line(-from, edge)
	line(f.restart.Milliseconds-from, edge)
	red := chart.Style{StrokeColor: blackout, StrokeWidth: 1.5}
	line(0, red)
	line(to-from, red)
	names = append(names, mark{"the restart begins, and is done", chart.ColorAlternateGray, false},
		mark{fmt.Sprintf("blackout, %.0f ticks = %.1f µs", f.restart.Blackout, f.restart.BlackoutUS), blackout, false})
	title := fmt.Sprintf("How long datagrams between four guests took while Perdure %s was replaced by %s below them", f.restart.From, f.restart.To)
	// The library takes an axis's range from its ticks, and the second one's from
	// those of the first.
	delays := chart.YAxis{Range: &chart.ContinuousRange{}, Ticks: ticks(0, most)}
	hidden := delays
	hidden.Style = chart.Hidden()
	faint := chart.Style{StrokeColor: drawing.ColorFromHex("e8e8e8"), StrokeWidth: 1}
	return chart.Chart{
		Width: 1200, Height: 600,
		Background: chart.Style{Padding: chart.Box{Top: 95, Left: 20, Right: 30, Bottom: 20}},
		XAxis: chart.XAxis{
			Name: "milliseconds from the blackout", Ticks: ticks(first, last),
			GridMajorStyle: faint, GridMinorStyle: faint,
		},
		YAxis:          hidden,
		YAxisSecondary: delays,
		Series:         series,
		Elements: []chart.Renderable{func(r chart.Renderer, box chart.Box, defaults chart.Style) {
			text := func(s string, x, y int, size float64) int {
				style := chart.Style{FontSize: size, FontColor: chart.ColorBlack}.InheritFrom(defaults)
				chart.Draw.Text(r, s, x, y, style)
				return chart.Draw.MeasureText(r, s, style).Width()
			}
			text(title, box.Left, 28, 13)
			text("delay in milliseconds", 10, box.Top-10, 9)
			x := box.Left
			for _, m := range names {
				m.draw(r, x, 51)
				x += 18 + text(m.name, x+18, 55, 9) + 22
			}
		}},
	}
}

// mark says what a colour means, of dots or of a line.
type mark struct {
	name   string
	colour drawing.Color
	dot    bool
}

// draw makes the sign before the name.
func (m mark) draw(r chart.Renderer, x, y int) {
	r.SetFillColor(m.colour)
	r.SetStrokeColor(m.colour)
	r.SetStrokeWidth(2)
	if m.dot {
		r.Circle(3, x+8, y)
		r.FillStroke()
		return
	}
	r.MoveTo(x, y)
	r.LineTo(x+14, y)
	r.Stroke()
}

// ticks gives round numbers for an axis, from one end of it to the other.
func ticks(from, to float64) (all []chart.Tick) {
	step := math.Pow(10, math.Floor(math.Log10(to-from)))
	for _, part := range []float64{10, 5, 2} {
		if (to-from)/(step/part) <= 12 {
			step /= part
			break
		}
	}
	for n := math.Floor(from / step); n < to/step+1; n++ {
		v := math.Round(n*step*1e6) / 1e6
		all = append(all, chart.Tick{Value: v, Label: strconv.FormatFloat(v, 'f', -1, 64)})
	}
	return all
}
