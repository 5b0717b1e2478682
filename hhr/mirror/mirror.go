// Package mirror makes the records of the running instance ones that another
// build can take over.
//
// The one idea: what both builds know of a record is the same bytes in protobuf,
// whoever lays it out; so the running instance makes the other's records from its
// own while everybody works, the other one shows what it finds in them, and the
// two are compared. The handoff then only makes good what has changed since.
//
// A build that has the same layouts takes the records where they are, and nothing
// of this happens, unless it is asked for.
package mirror

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"

	"perdure/hhr/record"
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition"
)

// session is what is known of the change under way.
type session struct {
	change   *kept.Change
	from, to *record.Layouts
	common   *record.Layouts // as from lays it out
	lock     sync.Mutex
	lost     []string
}

// now is the session of the change under way; a reset ends it with the restart.
var now *session

var (
	errNothing = errors.New("the candidate shows records, and there is nothing to show")
	errMany    = errors.New("more records would have to be mirrored than there is room for")
)

// Offer prepares what a candidate with other layouts needs, if full is set even
// for one with the same. It reports whether there is anything: tables for it,
// made from ours. The error says why the two builds do not fit.
func Offer(layouts []byte, full bool) (moved bool, err error) {
	now = nil
	spent.Store(0)
	from, to, c, err := compare(layouts, full)
	begun := x86.RDTSC()
	if err != nil || c.Same {
		return false, errors.Join(err, kept.Unstage())
	}
	k, err := kept.Stage(c.Tables)
	if err != nil {
		return false, errors.Join(err, kept.Unstage())
	}
	if err := fill(k, c, from, to); err != nil {
		return false, errors.Join(err, kept.Unstage())
	}
	k.Full = 0
	if full {
		k.Full = 1
	}
	k.Seal()
	now = &session{change: k, from: from, to: to, common: from.Common(to)}
	spend(begun)
	now.step(true)
	return true, now.missing()
}

// Fits compares the layouts that a build declares with ours: they are the same, or
// the two can follow each other, or the error says why not.
func Fits(layouts []byte, full bool) (same bool, err error) {
	_, _, c, err := compare(layouts, full)
	return err == nil && c.Same, err
}

// compare finds out what has to be done for a build with the layouts given.
func compare(layouts []byte, full bool) (from, to *record.Layouts, c *record.Change, err error) {
	wire, err := ownWire()
	if err != nil {
		return
	}
	defer spend(x86.RDTSC())
	if !full && bytes.Equal(layouts, wire) {
		return nil, nil, &record.Change{Same: true}, nil
	}
	if l := &last; l.c != nil && l.full == full && bytes.Equal(l.layouts, layouts) {
		return l.from, l.to, l.c, nil
	}
	defer compute()()
	if from, err = own(); err != nil {
		return
	}
	if to, err = record.Decode(layouts); err != nil {
		return
	}
	if c, err = record.Compare(from, to, full); err == nil {
		last = comparison{bytes.Clone(layouts), full, from, to, c}
	}
	return
}

// comparison is what was found by comparing layouts with ours.
type comparison struct {
	layouts  []byte
	full     bool
	from, to *record.Layouts
	c        *record.Change
}

// last is the last one: a candidate tells what its image has said.
var last comparison

// fill writes into k what c says.
func fill(k *kept.Change, c *record.Change, from, to *record.Layouts) error {
	own := kept.Own()
	ours := func(t kept.Kind) uint64 {
		at, _, _, _ := kept.Lookup(t)
		return uint64(at)
	}
	c.Fill(k, own, from, to, ours, func(t kept.Kind) uint64 { return uint64(kept.Other(t)) })
	for _, m := range c.Moves {
		for i := range min(m.Old.Count, m.New.Count) {
			if k.Entries == uint64(len(k.Entry)) {
				return errMany
			}
			k.Entry[k.Entries] = kept.Entry{Kind: m.Old.Kind, Index: i}
			k.Entries++
		}
	}
	return errors.Join(k.Layouts[own].Store(from.Encode()), k.Layouts[own^1].Store(to.Encode()))
}

// Step mirrors what has changed, one goroutine for each partition, and returns
// how many records are mirrored. The error says what would be lost.
func Step() (records int, err error) {
	if now == nil {
		return 0, nil
	}
	now.step(false)
	return int(now.change.Entries), now.missing()
}

// Drop gives back what was prepared: the candidate will not have the machine, or
// it has it for good and is the caller.
func Drop() error {
	now, last = nil, comparison{}
	if kept.Changing() == nil {
		return nil
	}
	return kept.Unstage()
}

// step mirrors what has changed, or everything.
func (s *session) step(everything bool) {
	var left atomic.Int64
	all := groups(s.change.Entry[:s.change.Entries])
	left.Store(int64(len(all)))
	for _, entries := range all {
		go func() {
			defer left.Add(-1)
			g := gatherer{session: s}
			for _, e := range entries {
				g.mirror(e, everything)
			}
		}()
	}
	partition.Await(func() bool { return left.Load() == 0 })
}

// missing says which values would be lost.
func (s *session) missing() error {
	if s.lost == nil {
		return nil
	}
	return errors.New("the next build does not know what is in use: " + strings.Join(s.lost[:min(len(s.lost), 8)], ", "))
}
