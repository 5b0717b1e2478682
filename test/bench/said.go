package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// answer is a line of the guests' own: "RESULT name value".
var answer = regexp.MustCompile(`RESULT ([\w.]+) ([^\r\n]+)\r?\n`)

// said finds the figures that guests say; of those that come more than once the
// first one counts.
func said(text string) (map[string]float64, error) {
	all := map[string]float64{}
	for _, m := range answer.FindAllStringSubmatch(text, -1) {
		if m[1] == "failed" {
			return all, fmt.Errorf("a guest says %q", m[2])
		}
		v, err := strconv.ParseFloat(strings.Fields(m[2])[0], 64)
		if _, have := all[m[1]]; err == nil && !have {
			all[m[1]] = v
		}
	}
	return all, nil
}

// figures notes those of the figures that are ours, by the guests' names.
func (b *bench) figures(all map[string]float64, suffix, machine, peer string) {
	for _, f := range []struct {
		said, name string
		samples    int
	}{
		{"kernel.boot", "guest.boot", 1}, {"blk.read4k", "blk.read4k.instructions", 400}, {"blk.read4k.ram", "blk.read4k.ram", 400},
		{"net.udp", "net.udp.instructions", 3200},
		{"hlt.wakeup", "vp.wakeup", 100}, {"vp.switch", "vp.switch", 100},
	} {
		if v, ok := all[f.said]; ok {
			b.add(Entry{f.name + suffix, v, "instructions", f.samples, machine, peer})
		}
	}
}

// turn is a line of a guest that takes turns with another.
var turn = regexp.MustCompile(`(?:turn-(\w): )?RESULT turn (\d+) (\d+)`)

// switches finds how long a change from one guest to the other takes: the middle
// of the times from the last moment of one to the first moment of the other.
func switches(a, b [][2]uint64) float64 {
	var took []uint64
	for _, pair := range [][2][][2]uint64{{a, b}, {b, a}} {
		for _, left := range pair[0] { // left: the guest was away from left[0] to left[1]
			for _, other := range pair[1] {
				if other[1] > left[0] && other[1] < left[1] && other[0] < left[0] {
					took = append(took, other[1]-left[0])
				}
			}
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[len(took)/2])
}

// turns reads the lines of guests that take turns, by the guests' letters.
func turns(text string) map[string][][2]uint64 {
	all := map[string][][2]uint64{}
	for _, m := range turn.FindAllStringSubmatch(text, -1) {
		from, _ := strconv.ParseUint(m[2], 10, 64)
		to, _ := strconv.ParseUint(m[3], 10, 64)
		all[m[1]] = append(all[m[1]], [2]uint64{from, to})
	}
	return all
}
