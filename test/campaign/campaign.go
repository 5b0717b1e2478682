package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"perdure/test/campaign/fault"
)

// campaign is what has been done and what it is done with.
type campaign struct {
	machine fault.Machine
	limit   time.Duration
	build   string   // of the image, by its digest
	builds  []string // that the report is about
	file    *os.File
	results []fault.Result // all that are known
	rests   []fault.Rest
	done    map[string]bool
	boots   int
	began   time.Time
	tally   fault.Tally
}

// open reads the results there are, and goes on writing behind them.
func (c *campaign) open(path string) error {
	image, err := os.ReadFile(c.machine.Image)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(image)
	c.build, c.done, c.tally = hex.EncodeToString(sum[:4]), map[string]bool{}, fault.Tally{}
	if c.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644); err != nil {
		return err
	}
	in := bufio.NewScanner(c.file)
	for in.Scan() {
		var r entry
		if json.Unmarshal(in.Bytes(), &r) != nil {
			continue // cut short
		}
		if r.Rest != nil {
			if r.Build == c.build || c.builds != nil {
				c.rests = append(c.rests, *r.Rest)
			}
			continue
		}
		c.results = append(c.results, r.Result)
		c.boots = max(c.boots, r.Boot)
		if r.Build == c.build {
			c.done[r.Tuple] = c.done[r.Tuple] || r.Alone == c.alone()
			c.machine.Know(r.Result)
		}
	}
	return in.Err()
}

// entry is a line of the file: a result, or what was the same after a boot as before.
type entry struct {
	fault.Result
	Rest *fault.Rest `json:",omitempty"`
}

// alone says whether every fault has a copy of its own.
func (c *campaign) alone() bool { return c.machine.Most == 1 }

// said takes a result.
func (c *campaign) said(r fault.Result) {
	r.Build, r.Boot, r.Alone = c.build, c.boots, c.alone()
	line, _ := json.Marshal(r)
	c.file.Write(append(line, '\n'))
	c.results = append(c.results, r)
	c.done[r.Tuple] = true
	c.tally[r.Class]++
	if r.Class == fault.Failed || r.Class == fault.Silent || r.Class == fault.OneLost {
		fmt.Printf("%s: %s (%s) %s at %#x\n", r.Tuple, r.Class, r.How, r.Notes, r.At)
	}
}

// make makes those of the faults that have no result yet.
func (c *campaign) make(ctx context.Context, tuples []fault.Tuple) error {
	var todo []fault.Tuple
	for _, t := range tuples {
		if !c.done[t.String()] {
			todo = append(todo, t)
		}
	}
	if c.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.limit)
		defer cancel()
	}
	c.began = time.Now()
	c.boots++
	had := len(c.rests)
	copied := func(left int, err error) {
		fmt.Printf("boot %d, %.0f s: %d made, %d left: %v\n", c.boots, time.Since(c.began).Seconds(), c.tally.Made(), left+len(todo), c.tally)
		if err != nil {
			fmt.Println("it ended:", err)
		}
		for ; len(c.rests) < had+len(c.machine.Rests); c.rests = append(c.rests, c.machine.Rests[len(c.rests)-had]) {
			line, _ := json.Marshal(entry{Result: fault.Result{Build: c.build, Boot: c.boots}, Rest: &c.machine.Rests[len(c.rests)-had]})
			c.file.Write(append(line, '\n'))
		}
		c.boots++
	}
	for len(todo) > 0 {
		some := todo[:min(len(todo), most)]
		todo = todo[len(some):]
		if err := c.machine.All(ctx, some, c.said, copied); err != nil {
			if ctx.Err() != nil {
				return nil // another time
			}
			return err
		}
	}
	return nil
}

// most is how many faults a machine has orders for, which it has to load.
const most = 4000

// again makes faults on a copy of their own each, whether they have a result or not,
// and fails if one of them does.
func (c *campaign) again(ctx context.Context, names []string) error {
	var tuples []fault.Tuple
	for _, name := range names {
		t, err := fault.Parse(name)
		if err != nil {
			return err
		}
		tuples = append(tuples, t)
	}
	bad := 0
	c.boots++
	if err := c.machine.All(ctx, tuples, func(r fault.Result) {
		c.said(r)
		line, _ := json.Marshal(r)
		fmt.Println(string(line))
		if r.Class == fault.Failed {
			bad++
		}
	}, func(int, error) { c.boots++ }); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d faults cost too much", bad, len(names))
	}
	return nil
}
