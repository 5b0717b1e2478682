package guest

import (
	"errors"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

// Alive reports whether a partition in that state runs, or would if it had
// something to do.
func Alive(s abi.State) bool {
	return s == abi.StateReady || s == abi.StateRunning || s == abi.StateHalted || s == abi.StateWaiting
}

// Start makes a guest run: one that has not run yet is started, one that is off
// is loaded again first. One that runs is left alone.
func (h *Host) Start(name string) error {
	unlock, err := h.lockGuest(name)
	if err != nil {
		return err
	}
	defer unlock()
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	switch {
	case Alive(p.State):
		return nil
	case p.State == abi.StatePaused:
		return fmt.Errorf("%s is paused: %w; \"hvctl resume %s\" lets it go on", name, ErrState, name)
	case p.State == abi.StateCreated || p.State == abi.StateCreating:
		if err := h.created(p.ID, name); err != nil {
			return err
		}
		// Without an entry it was never loaded to the end.
		if _, err := ask.Control(h, p.ID, abi.OpStart); !errors.Is(err, abi.ErrState) {
			return err
		}
	case p.State == abi.StateStopped && p.Errno != 0:
		return fmt.Errorf("%s could not be created: %w; \"hvctl destroy %s\" removes it", name, abi.Errno(p.Errno), name)
	}
	return h.reload(p, name)
}

// Reload starts a guest that is off, has stopped or has not run yet, and has it
// loaded again in any case.
func (h *Host) Reload(name string) error {
	unlock, err := h.lockGuest(name)
	if err != nil {
		return err
	}
	defer unlock()
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	return h.reload(p, name)
}

// reload clears a guest that is off, has stopped or wants to begin anew, loads
// it from its file and starts it.
func (h *Host) reload(p abi.Partition, name string) error {
	g, err := h.Recall(name)
	if err != nil {
		return err
	}
	b, err := Prepare(g)
	if err != nil {
		return err
	}
	defer b.Close()
	if _, err := ask.Control(h, p.ID, abi.OpReset); err != nil {
		return fmt.Errorf("%s is %s: %w", name, p.State, err)
	}
	if err := h.created(p.ID, name); err != nil {
		return err
	}
	if err := h.load(p.ID, b); err != nil {
		return err
	}
	_, err = ask.Control(h, p.ID, abi.OpStart)
	return err
}

// SwitchOff has a guest that wants to begin anew stay off.
func (h *Host) SwitchOff(name string) error {
	p, err := h.Find(name)
	if err == nil && p.State == abi.StateReset {
		_, err = ask.Control(h, p.ID, abi.OpStop)
	}
	return err
}

// Off waits until a guest is off, stopped or gone.
func (h *Host) Off(id uint32, wait time.Duration) error {
	_, err := h.Await(id, wait, func(p *abi.Partition) (bool, error) {
		return p.State == abi.StateQuiesced || p.State == abi.StateStopped || p.State == abi.StateCreated, nil
	})
	if errors.Is(err, ErrNone) {
		return nil
	}
	return err
}

// Destroy gives back everything that a partition has, and waits until that is
// done. One that is not there is forgotten all the same.
func (h *Host) Destroy(name string) error {
	p, err := ask.Find(h, name)
	if errors.Is(err, abi.ErrNone) {
		h.forget(name)
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := ask.Control(h, p.ID, abi.OpDestroy); err != nil && !errors.Is(err, abi.ErrNone) {
		return err
	}
	_, err = h.Await(p.ID, 0, func(now *abi.Partition) (bool, error) {
		h.Report("giving back memory", uint64(now.Progress), 1000)
		return now.Created != p.Created || now.Name != p.Name, nil // its number is another's now
	})
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	h.forget(name)
	return nil
}
