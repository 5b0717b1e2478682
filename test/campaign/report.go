package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"perdure/test/campaign/fault"
)

// group is the results of one kind of fault, or of one sweep.
type group struct {
	name    string
	results []fault.Result
	tally   fault.Tally
}

// grouped puts the results of the present build in groups, in the order of the kinds;
// sweeps says which.
func (c *campaign) grouped(sweeps bool) (list []*group) {
	by := map[string]*group{}
	for _, r := range c.results {
		t, err := fault.Parse(r.Tuple)
		if err != nil || (t.Reason != "") != sweeps || r.Alone || !c.ours(r) {
			continue
		}
		name := t.Kind
		if sweeps {
			name = fmt.Sprintf("%s/%s/%d", t.Kind, t.Reason, t.Skip)
		}
		g := by[name]
		if g == nil {
			g = &group{name: name, tally: fault.Tally{}}
			by[name] = g
			list = append(list, g)
		}
		g.results = append(g.results, r)
		g.tally[r.Class]++
	}
	slices.SortStableFunc(list, func(a, b *group) int {
		return slices.Index(fault.Kinds, a.name) - slices.Index(fault.Kinds, b.name)
	})
	return list
}

// table writes a table in Markdown.
func table(b *bytes.Buffer, head []string, rows [][]string) {
	fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, r := range rows {
		fmt.Fprintf(b, "| %s |\n", strings.Join(r, " | "))
	}
	b.WriteByte('\n')
}

// classes are the columns of the tables.
var classes = []fault.Class{fault.Quiet, fault.Silent, fault.Clean, fault.OneLost, fault.Failed, fault.NotReached}

// counts returns the row of a tally.
func counts(name string, t fault.Tally) []string {
	row := []string{name, fmt.Sprint(t.Made())}
	for _, class := range classes {
		row = append(row, fmt.Sprint(t[class]))
	}
	return row
}

// report writes what is known of the present build.
func (c *campaign) report(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	kinds, sweeps := c.grouped(false), c.grouped(true)
	var b bytes.Buffer
	b.WriteString("# Faults made on purpose, and what became of them\n\nWritten by `go run ./test/campaign -report docs/campaigns`; `README.md` says how to read it.\n" +
		"Times are ticks of the emulator's TSC, of which a processor gets one for each instruction.\n" +
		"Images, by their digests: " + strings.Join(c.builds, ", ") + ".\n\n## By chance\n\n")
	head := append([]string{"kind", "wanted", "made"}, columns()...)
	want := wanted()
	var rows, rates [][]string
	for _, g := range kinds {
		rows = append(rows, slices.Insert(counts(g.name, g.tally), 1, fmt.Sprint(want[g.name])))
		t := g.tally
		rates = append(rates, []string{g.name, fmt.Sprint(t.Noticed()), t.Success().String(), t.NoneLost().String(), t.Survived().String(), t.Unseen().String(), t.Harm().String(),
			fmt.Sprint(g.unseen()), g.said().String()})
	}
	table(&b, head, rows)
	b.WriteString("![what became of them](outcomes.svg)\n\nRates in percent, with the interval (Wilson) that has the true one in 95 of 100 cases. " +
		"*Without a word* are those failed that ended the machine before the hypervisor said of anything that it had noticed it:\n\n")
	table(&b, []string{"kind", "noticed", "success of noticed", "none lost of noticed", "success of manifested", "silent damage of manifested", "failed or silent damage, of made", "without a word", "success of the others"}, rates)
	noticings(&b, kinds)
	if len(sweeps) > 0 {
		b.WriteString("## At every instruction of the answer to an exit\n\nThe name is kind, exit reason, and which of the exits with it.\n\n")
		rows = nil
		for _, g := range sweeps {
			rows = append(rows, append(counts(g.name, g.tally), g.reached()))
		}
		table(&b, append(slices.Delete(head, 1, 2), "to the end"), rows)
	}
	c.fresh(&b)
	failures(&b, slices.Concat(kinds, sweeps))
	if err := outcomes(dir, kinds); err != nil {
		return err
	}
	if err := draw(dir, kinds); err != nil {
		return err
	}
	b.WriteString("## How long it took\n\n![until it was noticed](detect.svg)\n\n![until the first processor went on](resume.svg)\n\n")
	latencies(&b, kinds)
	c.leftovers(&b)
	return os.WriteFile(filepath.Join(dir, "results.md"), b.Bytes(), 0o644)
}

// reached says whether a sweep came to the end of its exit.
func (g *group) reached() string {
	for i := range g.results {
		if g.results[i].How == fault.Beyond {
			return "yes"
		}
	}
	return "no"
}

// columns returns the classes as texts.
func columns() (list []string) {
	for _, class := range classes {
		list = append(list, string(class))
	}
	return list
}

// noticings writes how failures were noticed and what was done.
func noticings(b *bytes.Buffer, kinds []*group) {
	var rows [][]string
	for _, g := range kinds {
		by := map[string]int{}
		for _, r := range g.results {
			if r.How != "" && r.Class != fault.NotReached {
				by[r.How]++
			}
		}
		var ways []string
		for way := range by {
			ways = append(ways, way)
		}
		slices.SortFunc(ways, func(x, y string) int { return by[y] - by[x] })
		for i, way := range ways {
			ways[i] = fmt.Sprintf("%s %d", way, by[way])
		}
		rows = append(rows, []string{g.name, strings.Join(ways, ", ")})
	}
	b.WriteString("How they were noticed, and what was done; *stop* is rung 4, *standstill* that nothing went on:\n\n")
	table(b, []string{"kind", "noticed by: done"}, rows)
}

// failures lists what cost too much, and what nobody noticed.
func failures(b *bytes.Buffer, groups []*group) {
	var rows [][]string
	for _, g := range groups {
		for _, r := range g.results {
			if r.Class == fault.Failed || r.Class == fault.Silent || r.Class == fault.OneLost {
				rows = append(rows, []string{"`" + r.Tuple + "`", string(r.Class), r.How, fmt.Sprintf("%#x", r.At), fmt.Sprint(r.Place), r.Notes})
			}
		}
	}
	const most = 300
	fmt.Fprintf(b, "## What cost something\n\n%d faults, the first %d of them here. *Place* is how many faults the same boot had had before.\n\n", len(rows), min(most, len(rows)))
	table(b, []string{"fault", "class", "how", "made at", "place", "known"}, rows[:min(most, len(rows))])
}

// leftovers writes whether boots ended with what they began with.
func (c *campaign) leftovers(b *bytes.Buffer) {
	b.WriteString("## What was the same afterwards\n\nBytes of free memory, bytes of kept state in use, and a checksum of who has which frame, before the first fault of a boot " +
		"and after the last; boots that lost a guest have made another one since.\n\n")
	var rows [][]string
	for _, r := range c.rests {
		same := "the same"
		if r.Before != r.After {
			same = fmt.Sprintf("%d bytes free before, %d after; kept %d, %d", r.Before[0], r.After[0], r.Before[1], r.After[1])
		}
		rows = append(rows, []string{fmt.Sprint(r.Recoveries), fmt.Sprint(r.Lost), same})
	}
	slices.SortFunc(rows, func(x, y []string) int { return len(y[0])*1000 + strings.Compare(y[0], x[0]) - len(x[0])*1000 })
	table(b, []string{"recoveries in the boot", "faults that cost something", "free memory, kept state, owners"}, rows)
}
