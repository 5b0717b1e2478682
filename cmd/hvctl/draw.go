package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// draw prints the view as tables.
func (v *viewJSON) draw(w io.Writer) {
	percent := func(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }
	rows := [][]string{{" CPU", " GUEST", " IDLE", " PERDURE", " EXITS/S", " SWITCHES/S", " STOLEN", "RUNS"}}
	for _, c := range v.CPUs {
		runs := "-"
		if c.RunPartition != nil {
			runs = fmt.Sprintf("%s.%d", v.names[*c.RunPartition], c.RunVP)
		}
		rows = append(rows, []string{fmt.Sprint(c.CPU), percent(c.GuestShare), percent(c.IdleShare), percent(c.OwnShare), fmt.Sprintf("%.0f", c.ExitsPerSec),
			fmt.Sprintf("%.0f", c.SwitchPerSec), fmt.Sprint(c.Stolen), runs})
	}
	table(w, rows)
	fmt.Fprintln(w)
	rows = [][]string{{"PARTITION", "STATE", " VPS", " WEIGHT", " CPU", " MEMORY", " EXITS/S", "BY REASON"}}
	for _, p := range v.Partitions {
		rows = append(rows, []string{p.Name, p.State, fmt.Sprint(p.VPs), fmt.Sprint(p.Weight), percent(p.Share), size(p.Memory),
			fmt.Sprintf("%.0f", p.ExitsPerSec), busiest(p.ByReason, 4)})
	}
	table(w, rows)
	fmt.Fprintf(w, "%s in use by guests, %s free\n", size(v.Memory.Guests), size(v.Memory.Free))
	if len(v.Ports) > 0 {
		fmt.Fprintln(w)
		rows = [][]string{{"NETWORK", "MAC", " GROUP", "LINK", " SENDS/S", " BYTES/S", " GETS/S", " BYTES/S", " DROPPED"}}
		for _, p := range v.Ports {
			rows = append(rows, []string{fmt.Sprintf("%s.%d", v.names[p.Partition], p.Index), p.MAC, fmt.Sprint(p.Group), map[bool]string{true: "up", false: "down"}[p.Up],
				fmt.Sprintf("%.0f", p.TxFramesPerSec), fmt.Sprintf("%.0f", p.TxBytesPerSec), fmt.Sprintf("%.0f", p.RxFramesPerSec), fmt.Sprintf("%.0f", p.RxBytesPerSec), fmt.Sprint(p.Dropped)})
		}
		table(w, rows)
	}
	fmt.Fprintln(w)
	rows = [][]string{{"VP", "STATE", " ON", " CPU", " WAITS", " EXITS/S", "BY REASON"}}
	for _, p := range v.VPs {
		rows = append(rows, []string{fmt.Sprintf("%s.%d", v.names[p.Partition], p.VP), p.State, fmt.Sprint(p.CPU), percent(p.Share), percent(p.WaitShare),
			fmt.Sprintf("%.0f", p.ExitsPerSec), busiest(p.ByReason, 5)})
	}
	table(w, rows)
}

// busiest lists the n most frequent reasons.
func busiest(rates map[string]float64, n int) string {
	var names []string
	for name := range rates {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rates[b], rates[a]), cmp.Compare(a, b)) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %.0f", name, rates[name])
	}
	return strings.Join(names[:min(n, len(names))], ", ")
}
