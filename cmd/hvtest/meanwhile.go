package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"
)

// Files by which what is done meanwhile and a witness know of each other, after a
// name that both are told.
const (
	begunMark = ".begun"
	overMark  = ".over"
)

// meanwhile is what is done here while guests are busy with something else.
type meanwhile struct {
	first, commands string
	times           int
	after           time.Duration
	marks           string

	done int
	all  sync.WaitGroup
}

func (m *meanwhile) begin(ctx context.Context, r *report) {
	if m.commands == "" {
		return
	}
	m.all.Go(func() {
		for m.marks != "" && ctx.Err() == nil {
			if _, err := os.Stat(m.marks + begunMark); err == nil {
				break
			}
			time.Sleep(udpTick)
		}
		for good := m.first == "" || m.once(ctx, r, m.first); good && m.done < m.times; {
			if good = m.once(ctx, r, m.commands); good {
				m.done++
			}
		}
		if m.marks != "" {
			r.error("the end", os.WriteFile(m.marks+overMark, nil, 0o644))
		}
	})
}

// once does it one time, and reports whether all of it went well.
func (m *meanwhile) once(ctx context.Context, r *report, commands string) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(m.after):
	}
	for command := range strings.SplitSeq(commands, ";") {
		output, status, err := runIn(ctx, nil, strings.Fields(command))
		r.lines("meanwhile", output)
		if !r.error(command, err) || !r.check(status == 0, "%s ends with status %d", command, status) {
			return false
		}
	}
	return true
}

// end waits until it has been done as often as it shall.
func (m *meanwhile) end(r *report) {
	m.all.Wait()
	if m.commands != "" {
		r.value("meanwhile.done", m.done)
		r.check(m.done == m.times, "%s was done %d times, not %d", m.commands, m.done, m.times)
	}
}
