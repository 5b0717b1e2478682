package fault

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// A Machine is what faults are made on.
type Machine struct {
	Image    string        // that can make faults
	Kernel   string        // the small root: build/guest/recover.elf
	Options  string        // of the hypervisor, beside the watchdog
	Words    string        // of root
	CPUs     int           //
	Dir      string        // where orders, and what ended badly, are kept
	Patience time.Duration // without a word of root's

	Rests []Rest // of the boots that came to their end

	start map[uint64]uint64 // by group of a sweep: where its first fault was made
}

// Rest is what is the same after a boot's faults as before, if nothing was lost.
type Rest struct {
	Recoveries    int       // resets and exits unwound
	Lost          int       // faults that cost something
	Before, After [3]uint64 // bytes free, bytes of kept state in use, checksum of who has which frame
}

// memory is the machine's, in MiB.
const memory = 512

// watchdog is the time without progress that makes a hang, in milliseconds.
const watchdog = "watchdog=10"

// lines takes apart what root tells.
type lines struct {
	mu   sync.Mutex
	rest []byte
	out  chan string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.out <- string(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
}

// Boot boots the machine, makes faults until all are made or it ends, and calls said
// for each result. It returns how many of the tuples are done with.
func (m *Machine) Boot(ctx context.Context, tuples []Tuple, said func(Result)) (done int, err error) {
	var orders []order
	for i, t := range tuples {
		o, err := t.order(uint64(i))
		if err != nil {
			return 0, err
		}
		o.Start = m.start[o.Group]
		orders = append(orders, o)
	}
	path := filepath.Join(m.Dir, fmt.Sprintf("orders-%d", os.Getpid()))
	if err := os.WriteFile(path, encode(orders), 0o644); err != nil {
		return 0, err
	}
	defer os.Remove(path)
	heard := &lines{out: make(chan string, 4096)}
	run, err := rig.Boot(rig.Options{
		Config: emu.Config{Kind: emu.Bochs, CPUs: m.CPUs, Memory: memory, Debug: heard},
		Image:  m.Image, Words: watchdog + " " + m.Options, Kernel: m.Kernel, Initrd: path, KernelWords: m.Words,
	})
	if err != nil {
		return 0, err
	}
	defer run.Close()
	w := watch{m: m, tuples: tuples, said: said, current: -1}
	for {
		select {
		case line := <-heard.out:
			if err := w.line(line); err != nil {
				return w.done, err
			}
			if w.spoilt {
				return w.done, nil
			}
		case <-run.Done():
			for len(heard.out) > 0 {
				if err := w.line(<-heard.out); err != nil {
					return w.done, err
				}
			}
			return w.end(run, run.Wait())
		case <-time.After(m.Patience):
			return w.end(run, run.GiveUp())
		case <-ctx.Done():
			return w.done, ctx.Err()
		}
	}
}

// All makes faults in as many boots as it takes; booted is told after each how many
// are left.
func (m *Machine) All(ctx context.Context, tuples []Tuple, said func(Result), booted func(left int, err error)) error {
	for idle := 0; len(tuples) > 0 && ctx.Err() == nil; {
		n, err := m.Boot(ctx, tuples, said)
		tuples = tuples[n:]
		booted(len(tuples), err)
		if idle++; n > 0 {
			idle = 0
		}
		if idle == 3 {
			return fmt.Errorf("three boots without a single fault: %w", err)
		}
	}
	return ctx.Err()
}

// watch is what is known of a boot.
type watch struct {
	m       *Machine
	tuples  []Tuple
	said    func(Result)
	current int // that was begun and has not ended; -1: none
	done    int
	place   int
	over    bool
	spoilt  bool // what is broken would be blamed on the next fault too
	rest    Rest
}

// line takes a line of root's.
func (w *watch) line(line string) error {
	switch {
	case strings.HasPrefix(line, "> "):
		if _, err := fmt.Sscanf(line, "> %x", &w.current); err != nil || w.current < 0 || w.current >= len(w.tuples) {
			return fmt.Errorf("root says %q", line)
		}
		w.done = w.current // those between were left out
	case strings.HasPrefix(line, "= "):
		f, err := fields(line[2:])
		if err != nil || f[fNumber] != uint64(w.current) {
			return fmt.Errorf("root says %q: %v", line, err)
		}
		r := judge(&f)
		r.Tuple, r.Place = w.tuples[w.current].String(), w.place
		if o, _ := w.tuples[w.current].order(0); o.Group != 0 && o.Steps == 1 {
			if w.m.start == nil {
				w.m.start = map[uint64]uint64{}
			}
			w.m.start[o.Group] = r.At
		}
		w.rest.Recoveries += int(r.Resets + r.Unwound)
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
		w.over, w.done = true, len(w.tuples)
		w.m.Rests = append(w.m.Rests, w.rest)
	case strings.HasPrefix(line, "! no"): // not sound, no guests
		return fmt.Errorf("root says %q", line)
	}
	return nil
}

// end says what the end of the machine means.
func (w *watch) end(run *rig.Run, result emu.Result) (done int, err error) {
	text := run.Text()
	switch {
	case w.over:
		return w.done, nil
	case w.current < 0:
		w.keep(fmt.Sprint("between-", w.done), text, result)
		return w.done, fmt.Errorf("the machine ended between two faults, after %d: %s", w.done, result.Outcome)
	}
	r := Result{Tuple: w.tuples[w.current].String(), Class: Failed, Place: w.place, How: string(result.Outcome)}
	if i := strings.LastIndex(text, "perdure: fatal: "); i >= 0 {
		said, _, _ := strings.Cut(text[i+len("perdure: fatal: "):], "\n")
		r.How, r.Notes = "stop", strings.TrimSpace(said)
	} else if result.Outcome == emu.TimedOut {
		r.How = "standstill"
	}
	w.keep(strings.ReplaceAll(r.Tuple, "/", "-"), text, result)
	w.said(r)
	return w.current + 1, nil
}

// keep keeps what is known of a bad end.
func (w *watch) keep(name, text string, result emu.Result) {
	os.WriteFile(filepath.Join(w.m.Dir, name+".txt"), []byte(text+"\n\n"+string(result.Outcome)+"\n"+result.Report), 0o644)
}
