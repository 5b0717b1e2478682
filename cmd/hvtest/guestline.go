package main

import (
	"io"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
)

// hypervisor makes hypercalls for any number of goroutines: the port belongs to
// the one thread that opened it.
type hypervisor struct{ work chan func(ask.Caller) }

func openHypervisor() (*hypervisor, error) {
	h, opened := &hypervisor{make(chan func(ask.Caller))}, make(chan error)
	go func() {
		port, err := call.Open()
		opened <- err
		if err == nil {
			for f := range h.work {
				f(port)
			}
		}
	}()
	return h, <-opened
}

// do has f make its calls.
func (h *hypervisor) do(f func(c ask.Caller)) {
	done := make(chan bool)
	h.work <- func(c ask.Caller) { f(c); done <- true }
	<-done
}

// guestLine is a guest's console, from now on.
type guestLine struct {
	h    *hypervisor
	id   uint32
	pos  uint64
	rest []byte
}

// lineGap lies between two looks at a console that was silent or full. It grows
// while a guest says nothing: looking takes processors from the guests.
const (
	lineGap    = 5 * time.Millisecond
	lineGapMax = 100 * time.Millisecond
)

// dial finds a guest by its name.
func (h *hypervisor) dial(name string) (l *guestLine, err error) {
	h.do(func(c ask.Caller) {
		p, e := ask.Find(c, name)
		l, err = &guestLine{h: h, id: p.ID, pos: p.ConsoleEnd}, e
	})
	return l, err
}

// Read waits until the guest says something.
func (l *guestLine) Read(p []byte) (n int, err error) {
	for gap := lineGap; len(l.rest) == 0; gap = min(2*gap, lineGapMax) {
		l.h.do(func(c ask.Caller) { l.rest, l.pos, _, err = ask.Said(c, l.id, l.pos) })
		if err != nil {
			return 0, err
		}
		if len(l.rest) == 0 {
			time.Sleep(gap)
		}
	}
	n = copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// fullPatience is how long a guest may take nothing of what is typed. What is
// typed before it listens is lost, as on a real line.
const fullPatience = 2 * time.Second

// Write types.
func (l *guestLine) Write(p []byte) (n int, err error) {
	for limit := time.Now().Add(fullPatience); n < len(p); {
		took := 0
		l.h.do(func(c ask.Caller) { took, err = ask.Type(c, l.id, p[n:]) })
		if err != nil {
			return n, err
		}
		switch {
		case took > 0:
			limit = time.Now().Add(fullPatience)
		case time.Now().After(limit):
			return len(p), nil
		default:
			time.Sleep(lineGap)
		}
		n += took
	}
	return n, nil
}

var _ io.ReadWriter = (*guestLine)(nil)
