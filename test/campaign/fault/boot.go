package fault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// A Machine is what faults are made on. It boots once, up to the first fault; what
// faults are made on are copies of it, so that each begins with the same.
type Machine struct {
	Image    string        // that can make faults
	Kernel   string        // the small root: build/guest/recover.elf
	Options  string        // of the hypervisor, beside the watchdog
	Words    string        // of root
	CPUs     int           //
	Dir      string        // where orders, and what ended badly, are kept
	Patience time.Duration // of the emulator's work without a word of root's
	Most     int           // faults on a copy; 0: as many as it stands

	Rests []Rest // of the copies that came to their end

	run    *rig.Run
	tuples []Tuple           // that it has orders for
	heard  *lines            //
	start  map[uint64]uint64 // by group of a sweep: where its first fault was made
	ended  map[uint64]bool   // by group: the sweep is beyond its exit
}

// Rest is what is the same after a copy's faults as before, if nothing was lost.
type Rest struct {
	Recoveries    int       // resets and exits unwound
	Lost          int       // faults that cost something
	Before, After [3]uint64 // bytes free, bytes of kept state in use, checksum of who has which frame
}

// memory is the machine's, in MiB.
const memory = 512

// watchdog is the time without progress that makes a hang, in milliseconds.
const watchdog = "watchdog=10"

// boots is how long booting may take, on a machine that has other things to do.
const boots = 5 * time.Minute

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

// boot boots the machine with orders for all of the tuples, up to where copies begin.
func (m *Machine) boot(ctx context.Context, tuples []Tuple) error {
	var orders []order
	for i, t := range tuples {
		o, err := t.order(uint64(i))
		if err != nil {
			return err
		}
		orders = append(orders, o)
	}
	path := filepath.Join(m.Dir, fmt.Sprintf("orders-%d", os.Getpid()))
	if err := os.WriteFile(path, encode(orders), 0o644); err != nil {
		return err
	}
	defer os.Remove(path)
	m.tuples, m.heard = tuples, &lines{out: make(chan string, 1<<16)}
	var err error
	if m.run, err = rig.Boot(rig.Options{
		Config: emu.Config{Kind: emu.Bochs, CPUs: m.CPUs, Memory: memory, Debug: m.heard, Forks: true},
		Image:  m.Image, Words: watchdog + " " + m.Options, Kernel: m.Kernel, Initrd: path, KernelWords: m.Words,
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, boots)
	defer cancel()
	if err := m.run.Ready(ctx); err != nil {
		for len(m.heard.out) > 0 {
			err = fmt.Errorf("%w; root says %q", err, <-m.heard.out)
		}
		m.keep("boot", m.run.Text(), emu.Result{Report: err.Error()})
		m.Close()
		return err
	}
	return nil
}

// Close ends the machine.
func (m *Machine) Close() {
	if m.run != nil {
		m.run.Close()
		m.run = nil
	}
}

// All makes faults on as many copies as it takes. Said is called for each result, and
// copied after each copy, with how many faults are left.
func (m *Machine) All(ctx context.Context, tuples []Tuple, said func(Result), copied func(left int, err error)) error {
	if len(tuples) == 0 {
		return nil
	}
	defer m.Close()
	m.prepare()
	for first, idle := 0, 0; first < len(tuples) && ctx.Err() == nil; {
		if m.run == nil {
			if err := m.boot(ctx, tuples); err != nil {
				return err
			}
		}
		n, err := m.copy(ctx, first, said)
		copied(len(tuples)-n, err)
		if idle++; n > first {
			idle = 0
		}
		if errors.Is(err, errGone) {
			m.Close()
		}
		if idle == 3 {
			return fmt.Errorf("three copies without a single fault: %w", err)
		}
		for first = n; first < len(tuples) && m.beyond(tuples[first]); first++ {
		}
	}
	return ctx.Err()
}

// prepare makes what is known of sweeps.
func (m *Machine) prepare() {
	if m.start == nil {
		m.start, m.ended = map[uint64]uint64{}, map[uint64]bool{}
	}
}

// beyond says whether a fault of a sweep would be beyond the exit.
func (m *Machine) beyond(t Tuple) bool {
	o, _ := t.order(0)
	return o.Group != 0 && m.ended[o.Group]
}

// keep keeps what is known of a bad end.
func (m *Machine) keep(name, text string, result emu.Result) {
	os.WriteFile(filepath.Join(m.Dir, name+".txt"), []byte(text+"\n\n"+string(result.Outcome)+"\n"+result.Report), 0o644)
}
