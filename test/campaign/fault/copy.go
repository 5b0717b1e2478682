package fault

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"perdure/cmd/hvrun/emu"
)

// watch is what is known of a copy.
type watch struct {
	m       *Machine
	said    func(Result)
	current int // that was begun and has not ended; -1: none
	done    int // faults that are done with, of the machine's
	place   int
	over    bool
	refuses bool // an earlier fault has left it so that no more can be ordered
	spoilt  bool // what is broken would be blamed on the next fault too
	rest    Rest
	resets  uint64 // until now
	unwound uint64
	at      uint64 // where the one under way was made
	begun   int    // bytes that the serial line had said before
}

// Know tells the machine of a result: where a sweep begins is where its first fault was made.
func (m *Machine) Know(r Result) {
	if t, err := Parse(r.Tuple); err == nil && t.Reason != "" && t.Step == 1 {
		m.prepare()
		o, _ := t.order(0)
		m.start[o.Group] = r.At
	}
}

// copy lets a copy of the machine make faults from the first one on, until as many are
// made as it may, or it ends or is spoilt. It returns where to go on.
func (m *Machine) copy(ctx context.Context, first int, said func(Result)) (next int, err error) {
	count := len(m.tuples) - first
	if m.Most > 0 {
		count = min(count, m.Most)
	}
	for i := range count {
		if m.tuples[first+i].Lasts() != m.tuples[first].Lasts() {
			count = i
			break
		}
	}
	w := watch{m: m, said: said, current: -1, done: first, begun: len(m.run.Text())}
	o, err := m.tuples[first].order(0)
	if err != nil {
		return first, err
	}
	c, err := m.run.Fork(uint64(first)|uint64(count)<<32, m.start[o.Group])
	if err != nil {
		return first, err
	}
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for used, begun := time.Duration(0), time.Duration(0); ; {
		select {
		case line := <-m.heard.out:
			if used = c.Used(); line != "" {
				begun = used
			}
			if line == gone {
				return w.end(c.Wait())
			}
			if err := w.line(line); err != nil {
				w.finish(c)
				return w.done, err
			}
			if w.refuses {
				w.finish(c)
				return w.done, nil
			}
			if w.spoilt {
				w.finish(c)
				m.keep(strings.ReplaceAll(m.tuples[w.done-1].String(), "/", "-"), m.run.Text()[w.begun:], emu.Result{})
				return w.done, nil
			}
			if w.over {
				w.done = first + count
				w.finish(c)
				return w.done, nil
			}
		case <-look.C:
			if now := c.Used(); now-used > m.Patience || now-begun > longest*m.Patience {
				result := c.End()
				result.Outcome = emu.TimedOut
				w.drain()
				return w.end(result)
			}
		case <-m.run.Done():
			return w.done, errGone
		case <-ctx.Done():
			w.finish(c)
			return w.done, ctx.Err()
		}
	}
}

// errGone: somebody ended the machine whose copies are made.
var errGone = errors.New("the machine is no more")

// longest is how many times the patience a fault may take: root may go round for ever,
// if its clock is wrong.
const longest = 8

// gone is the line after the last one of a copy.
const gone = "! gone"

// drain leaves what the copy said to nobody.
func (w *watch) drain() {
	for {
		select {
		case line := <-w.m.heard.out:
			if line == gone {
				return
			}
		case <-w.m.run.Done():
			return
		}
	}
}

// finish ends the copy, of which no more is wanted.
func (w *watch) finish(c *emu.Copy) {
	c.Kill()
	w.drain()
}

// line takes a line of root's.
func (w *watch) line(line string) error {
	switch {
	case strings.HasPrefix(line, "> "):
		if _, err := fmt.Sscanf(line, "> %x", &w.current); err != nil || w.current < 0 || w.current >= len(w.m.tuples) {
			return fmt.Errorf("root says %q", line)
		}
		w.done, w.at = w.current, 0 // those between were left out
	case strings.HasPrefix(line, "@ "):
		_, err := fmt.Sscanf(line, "@ %x", &w.at)
		return err
	case strings.HasPrefix(line, "= "):
		f, err := fields(line[2:])
		if w.current < 0 {
			return fmt.Errorf("root says %q", line)
		}
		r := judge(&f)
		if err != nil || f[fNumber] != uint64(w.current) { // its registers are not what they were
			r.Class, r.How = Failed, "root is damaged"
			if r.Resets+r.Unwound == 0 {
				r.Class = Silent
			}
		}
		if r.How == refused && w.place > 0 {
			w.refuses = true
			return nil
		}
		r.Tuple, r.Place = w.m.tuples[w.current].String(), w.place
		o, _ := w.m.tuples[w.current].order(0)
		if o.By != 0 && r.Class == NotReached && r.How == "" {
			r.How = Beyond
			w.m.ended[o.Group] = true
		} else if o.By == 0 && o.Group != 0 && o.Steps > 1 && r.At != 0 && r.At == w.m.start[o.Group] && r.Class == Clean {
			r.Class, r.How = NotReached, Beyond
			w.m.ended[o.Group] = true
		}
		w.m.Know(r)
		w.rest.Recoveries += int(r.Resets + r.Unwound)
		w.resets, w.unwound = w.resets+r.Resets, w.unwound+r.Unwound
		if r.Class == Failed || r.Class == OneLost || r.Class == Silent {
			w.rest.Lost++
		}
		w.spoilt = r.Class == Failed || r.Class == Silent
		w.said(r)
		w.done, w.place, w.current = w.current+1, w.place+1, -1
	case strings.HasPrefix(line, "! begins"):
		b := &w.rest.Before
		_, err := fmt.Sscanf(line, "! begins %x %x %x", &b[0], &b[1], &b[2])
		return err
	case strings.HasPrefix(line, "! over"):
		a := &w.rest.After
		if _, err := fmt.Sscanf(line, "! over %x %x %x", &a[0], &a[1], &a[2]); err != nil {
			return err
		}
		w.over = true
		w.m.Rests = append(w.m.Rests, w.rest)
	}
	return nil
}

// end says what the end of the copy means.
func (w *watch) end(result emu.Result) (next int, err error) {
	time.Sleep(50 * time.Millisecond) // for the end of what the serial line says
	text := w.m.run.Text()[w.begun:]
	if w.current < 0 {
		w.m.keep(fmt.Sprint("between-", w.done), text, result)
		return w.done, fmt.Errorf("the machine ended between two faults, after %d: %s", w.done, result.Outcome)
	}
	r := Result{Tuple: w.m.tuples[w.current].String(), Class: Failed, Place: w.place, How: string(result.Outcome), At: w.at}
	if i := strings.LastIndex(text, "perdure: fatal: "); i >= 0 {
		said, _, _ := strings.Cut(text[i+len("perdure: fatal: "):], "\n")
		r.How, r.Notes = "stop", strings.TrimSpace(said)
	} else if result.Outcome == emu.TimedOut {
		r.How = "standstill"
	}
	r.Unseen = !w.told(text)
	w.m.keep(strings.ReplaceAll(r.Tuple, "/", "-"), text, result)
	w.said(r)
	return w.current + 1, nil
}

// told says whether the hypervisor has said of more recoveries than there were before
// the fault under way. One that has no more time to say so counts as one that has not.
func (w *watch) told(text string) bool {
	last := uint64(0)
	for _, m := range recoveries.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseUint(m[1], 10, 64)
		last = max(last, n)
	}
	return last > w.resets || uint64(strings.Count(text, "fault of ours")) > w.unwound || strings.Contains(text, "perdure: fatal: ")
}

var recoveries = regexp.MustCompile(`recovery (\d+): `)
