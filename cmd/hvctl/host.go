package main

import (
	"errors"
	"fmt"

	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

// host is a hypervisor with guests, and the progress of what is done with one.
type host struct {
	*guest.Host
	*progress
}

// host returns the hypervisor, for something that is done with a guest.
func (e *env) host(name string) (*host, error) {
	c, err := e.open()
	if err != nil {
		return nil, err
	}
	h := &host{guest.NewHost(c), newProgress(e.err, name)}
	if e.dir != "" {
		h.Dir = e.dir
	}
	h.Report = h.report
	return h, nil
}

// one returns the only name of a command line, and the hypervisor.
func (e *env) one(args []string) (name string, h *host, err error) {
	if len(args) != 1 {
		return "", nil, usageError("it wants the name of one guest")
	}
	h, err = e.host(args[0])
	return args[0], h, err
}

// doneJSON is the answer of commands that change a guest.
type doneJSON struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// done says what state a guest is in now.
func (e *env) done(h *host, name string) error {
	h.end()
	state := "gone"
	p, err := h.Find(name)
	switch {
	case err == nil:
		state = p.State.String()
	case !errors.Is(err, guest.ErrNone):
		return err
	}
	if e.json {
		return e.emit(doneJSON{name, state})
	}
	_, err = fmt.Fprintf(e.out, "%s is %s\n", name, state)
	return err
}

// codeOf returns the exit code for an error about a guest.
func codeOf(err error) int {
	var file *fileError
	switch {
	case errors.As(err, &file):
		return exitFile
	case errors.Is(err, guest.ErrNone), errors.Is(err, abi.ErrNone):
		return exitNone
	case errors.Is(err, guest.ErrState), errors.Is(err, abi.ErrState), errors.Is(err, abi.ErrExists):
		return exitState
	case errors.Is(err, abi.ErrMemory), errors.Is(err, abi.ErrSpace):
		return exitMemory
	case errors.Is(err, guest.ErrTimeout):
		return exitTimeout
	}
	return exitBad
}
