package main

import (
	"time"

	"perdure/cmd/internal/ask"
	"perdure/partition/abi"
)

// guestsAlive returns which guests have not come to an end.
func guestsAlive(c ask.Caller) (map[uint32]bool, error) {
	list, err := ask.Partitions(c)
	alive := map[uint32]bool{}
	for i := range list {
		if s := list[i].State; list[i].ID != 0 && s != abi.StateStopped && s != abi.StateQuiesced && s != abi.StateDestroying {
			alive[list[i].ID] = true
		}
	}
	return alive, err
}

// unwound returns how many exits of all partitions were dropped by rung 0.
func unwound(c ask.Caller) (n uint64) {
	list, _ := ask.Partitions(c)
	for i := range list {
		if r, err := ask.Counters(c, list[i].ID, abi.AllVPs); err == nil {
			n += r.Unwound
		}
	}
	return n
}

// oneFault makes one fault and says what became of it.
func (e *env) oneFault(c ask.Caller, o *injectFlags, r *abi.Injection, j *injectJSON) (string, error) {
	last, err := ask.Reset(c, 0)
	if err != nil && err != abi.ErrNone {
		return "", err
	}
	before, dropped := last.Number, unwound(c)
	s, err := ask.Injected(c, r.Processor)
	if err != nil {
		return "", err
	}
	made := s.Count
	if err := ask.Inject(c, *r); err != nil {
		return "", err
	}
	for end := time.Now().Add(o.wait); s.Count == made && time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s, err = ask.Injected(c, r.Processor); err != nil {
			return "", err
		}
	}
	if s.Count == made { // or another instance goes on, which has made none
		if last, err = ask.Reset(c, 0); err != nil || last.Number == before {
			r.Steps = 0
			return "not reached", ask.Inject(c, *r)
		}
	}
	time.Sleep(o.settle)
	if last, err = ask.Reset(c, 0); err == nil && last.Number != before {
		v := viewReset(&last)
		j.Detect, j.Back = max(j.Detect, v.Detect), max(j.Back, v.First)
		return last.Rung.String(), nil
	}
	if unwound(c) != dropped {
		return "unwound", nil
	}
	return "nothing noticed", nil
}

// sound reports whether a self check finds nothing wrong.
func (e *env) sound(c ask.Caller) bool {
	request := uint64(time.Now().UnixNano()) | 1
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		r, err := ask.Check(c, request)
		if err != nil || r.Request != request || r.State != abi.CheckDone {
			continue
		}
		for i := range r.Items {
			if r.Items[i].Verdict == abi.VerdictBad {
				return false
			}
		}
		return true
	}
	return false
}
