package main

import (
	"fmt"
	"math"
	"strconv"
)

// Entry is one figure.
type Entry struct {
	Name    string  `json:"name"`
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Samples int     `json:"samples"`
	Machine string  `json:"machine"`
	Peer    string  `json:"peer,omitempty"` // who was measured, if not Perdure
}

func (e Entry) String() string {
	return fmt.Sprintf("%-26s %14s %s", e.Name, number(e.Value), e.Unit)
}

// number prints a value as a person writes it.
func number(v float64) string {
	switch {
	case v == math.Trunc(v) || math.Abs(v) >= 1000:
		s := strconv.FormatFloat(math.Round(v), 'f', -1, 64)
		for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
			s = s[:i] + "," + s[i:]
		}
		return s
	case math.Abs(v) < 10:
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// add notes a figure, instead of an earlier one of that name.
func (b *bench) add(e Entry) {
	for i := range b.results {
		if b.results[i].Name == e.Name {
			b.results[i] = e
			return
		}
	}
	b.results = append(b.results, e)
}

// value returns the figure of a name, as far as it was measured.
func (b *bench) value(name string) (float64, bool) {
	for _, e := range b.results {
		if e.Name == name {
			return e.Value, true
		}
	}
	return 0, false
}

// ratio notes one figure divided by another, if both are known.
func (b *bench) ratio(name, above, below, machine string) {
	x, ok := b.value(above)
	y, ok2 := b.value(below)
	if ok && ok2 && y != 0 {
		b.add(Entry{name, math.Round(x/y*1e4) / 1e4, "ratio", 1, machine, ""})
	}
}
