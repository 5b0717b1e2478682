package main

import (
	"context"
	"strings"
	"sync"
	"time"
)

// meanwhile is a command that is run here while guests are busy with another one.
type meanwhile struct {
	command string
	times   int
	after   time.Duration

	done int
	all  sync.WaitGroup
}

func (m *meanwhile) begin(ctx context.Context, r *report) {
	if m.command == "" {
		return
	}
	m.all.Go(func() {
		for range m.times {
			select {
			case <-ctx.Done():
				return
			case <-time.After(m.after):
			}
			output, status, err := runIn(ctx, nil, strings.Fields(m.command))
			r.lines("meanwhile", output)
			r.error(m.command, err)
			r.check(status == 0, "%s ends with status %d", m.command, status)
			m.done++
		}
	})
}

// end waits until it has been done as often as it shall.
func (m *meanwhile) end(r *report) {
	m.all.Wait()
	if m.command != "" {
		r.value("meanwhile.done", m.done)
		r.check(m.done == m.times, "%s was done %d times, not %d", m.command, m.done, m.times)
	}
}
