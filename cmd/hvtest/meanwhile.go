package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"
)

// meanwhile is what is done here while guests are busy with something else.
type meanwhile struct {
	commands string
	times    int
	after    time.Duration
	over     string

	done int
	all  sync.WaitGroup
}

func (m *meanwhile) begin(ctx context.Context, r *report) {
	if m.commands == "" {
		return
	}
	m.all.Go(func() {
		for m.done < m.times && m.once(ctx, r) {
			m.done++
		}
		if m.over != "" {
			r.error("the end", os.WriteFile(m.over, nil, 0o644))
		}
	})
}

// once does it one time, and reports whether all of it went well.
func (m *meanwhile) once(ctx context.Context, r *report) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(m.after):
	}
	for command := range strings.SplitSeq(m.commands, ";") {
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
