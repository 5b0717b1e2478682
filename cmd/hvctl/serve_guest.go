package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guest"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// look does what partitions need: disks that are not served yet, and guests that
// want to begin anew.
func (s *server) look() error {
	all, err := ask.Partitions(s.host)
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for i := range all {
		p := &all[i]
		name := abi.Text(p.Name[:])
		names[name] = true
		if p.ID == 0 || p.State == abi.StateDestroying {
			continue
		}
		s.connect(p)
		if guest.Alive(p.State) {
			os.Remove(s.mark(name))
		}
		half := p.State == abi.StateCreated && s.halfWay(name)
		if p.State == abi.StateReset || half {
			s.beginAgain(name)
		}
	}
	s.forget(names)
	return nil
}

// A guest that is being started again has a file of that name beside its own: a
// server that is killed in the middle leaves it, and the next one goes on.
func (s *server) mark(name string) string { return filepath.Join(s.host.Dir, name+markSuffix) }

const markSuffix = ".again"

func (s *server) halfWay(name string) bool {
	_, err := os.Stat(s.mark(name))
	return err == nil
}

// forget removes marks of guests that are gone.
func (s *server) forget(names map[string]bool) {
	marks, _ := filepath.Glob(s.mark("*"))
	for _, m := range marks {
		if !names[strings.TrimSuffix(filepath.Base(m), markSuffix)] {
			os.Remove(m)
		}
	}
}

// beginAgain starts a guest again that has reset itself, unless that is being done.
func (s *server) beginAgain(name string) {
	s.mu.Lock()
	busy := s.again[name]
	s.again[name] = true
	s.mu.Unlock()
	if busy {
		return
	}
	go func() {
		err := s.restart(name)
		s.complain(name, err)
		s.mu.Lock()
		delete(s.again, name)
		s.mu.Unlock()
	}()
}

// restart does with a guest that has reset itself what its file says.
func (s *server) restart(name string) error {
	c, err := s.open()
	if err != nil {
		return err
	}
	h := guest.NewHost(c)
	h.Dir = s.host.Dir
	g, err := h.Recall(name)
	if err != nil {
		return fmt.Errorf("it has reset itself and cannot be loaded again: %w", err)
	}
	switch g.OnReboot {
	case guestfile.RebootStop:
		s.say(name, "has reset itself and stays off, as its file says")
		return h.SwitchOff(name)
	case guestfile.RebootDestroy:
		s.say(name, "has reset itself and is destroyed, as its file says")
		return h.Destroy(name)
	}
	if err := os.WriteFile(s.mark(name), nil, 0o600); err != nil {
		return err
	}
	if err := h.Start(name); err != nil {
		if errors.Is(err, guest.ErrNone) {
			return nil
		}
		return fmt.Errorf("it has reset itself and does not start again: %w; \"hvctl start %s\" tries it again", err, name)
	}
	if err := os.Remove(s.mark(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s.say(name, "has reset itself and runs again")
	return nil
}
