package mirror

import (
	"errors"
	"sync/atomic"

	"perdure/hhr/record"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition"
	"perdure/partition/abi"
)

// Declare is for a candidate: it finds the arena by its root page, tells the
// instance below what its records look like, and uses the tables that are made
// for it, if some are.
func Declare(root addr.HPA) error {
	if err := kept.Attach(root); err != nil {
		return err
	}
	wire, err := ownWire()
	if err != nil {
		return err
	}
	if partition.Tell(abi.ServiceLayout, wire) == 0 {
		return nil
	}
	l, err := own()
	if err != nil {
		return err
	}
	partition.OnStand = func() error {
		return show(l, func(s record.Shown) uint64 { return partition.Tell(abi.ServiceShow, s.Encode()) })
	}
	return kept.Follow()
}

var (
	errChange = errors.New("the change of the tables is damaged")
	errRound  = errors.New("the records change faster than they can be shown")
)

// pieces is about how much a candidate shows at once, rounds how often it begins
// again with what has changed.
const (
	pieces = 64 << 10
	rounds = 100
)

// show shows what is in the records that were made for this instance.
func show(ours *record.Layouts, tell func(record.Shown) (left uint64)) error {
	c := kept.Changing()
	if c == nil || !c.Good() {
		return errChange
	}
	theirs, err := record.Decode(c.Layouts[kept.Own()^1].Load())
	if err != nil {
		return errChange
	}
	common := ours.Common(theirs)
	for range rounds {
		var part record.Shown
		size := 0
		for i := range c.Entries {
			r, ok := look(c, &c.Entry[i], common)
			if !ok {
				continue
			}
			part = append(part, r)
			if size += len(r.State); size > pieces {
				tell(part)
				part, size = nil, 0
			}
		}
		if tell(part) == 0 {
			return nil
		}
	}
	return errRound
}

// look reads one record; ok is false if it changed meanwhile, or has been shown.
func look(c *kept.Change, e *kept.Entry, common *record.Layouts) (r record.Record, ok bool) {
	m := moved(&c.Way[kept.Own()], e.Kind)
	seq := atomic.LoadUint64(&e.Seq)
	if seq&1 != 0 || atomic.LoadUint64(&e.Shown) == seq {
		return r, false
	}
	r = record.Record{Kind: e.Kind, Index: e.Index, Seq: seq}
	r.State = common.EncodeRecord(nil, common.Of(common.Table(e.Kind)), kept.Bytes(m.From, m.FromStride, e.Index))
	return r, atomic.LoadUint64(&e.Seq) == seq
}

// Listen has this instance answer what candidates tell and ask. Others run while it
// finds an answer.
func Listen() {
	record.Rest = rest
	partition.OnTold = func(op abi.ServiceOp, told []byte) (answer uint64, why string) {
		var err error
		switch op {
		case abi.ServiceLayout:
			var moved bool
			if moved, err = Offer(told, partition.Restarting().Report.Flags&abi.RestartFull != 0); moved {
				answer = 1
			}
		case abi.ServiceShow:
			var left int
			left, err = Check(told)
			answer = uint64(left)
		}
		if err != nil {
			return 0, err.Error()
		}
		return answer, ""
	}
}
