package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// emit prints v as JSON, for people to read as well.
func (e *env) emit(v any) error {
	enc := json.NewEncoder(e.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// emitLine prints v as one line of JSON, for what comes as a stream.
func (e *env) emitLine(v any) error { return json.NewEncoder(e.out).Encode(v) }

// table prints rows with aligned columns; the first row is the heading. Columns
// whose heading begins with a blank are aligned to the right.
func table(w io.Writer, rows [][]string) {
	var width []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-len(cell))
			if strings.HasPrefix(rows[0][i], " ") {
				line.WriteString(pad + cell + "  ")
			} else {
				line.WriteString(cell + pad + "  ")
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

// size gives a number of bytes in the largest unit that loses little.
func size(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 10<<20 || n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// span gives TSC ticks as time.
func span(ticks, hz uint64) time.Duration {
	if hz == 0 {
		return 0
	}
	return time.Duration(float64(ticks) / float64(hz) * 1e9)
}

// ago gives a long time in two units.
func ago(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case s >= 86400:
		return fmt.Sprintf("%d d %d h", s/86400, s%86400/3600)
	case s >= 3600:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	case s >= 60:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// since returns a-b, or 0 if a counter went back because the hypervisor's state
// was made anew in between.
func since(a, b uint64) uint64 {
	if a < b {
		return 0
	}
	return a - b
}
