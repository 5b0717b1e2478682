package mirror

import (
	"fmt"

	"perdure/hhr/record"
	"perdure/kernel/x86"
)

// Check compares what a candidate shows with what was mirrored, and returns how
// many records it has still to show.
func Check(shown []byte) (left int, err error) {
	if now == nil {
		return 0, errNothing
	}
	defer spend(x86.RDTSC())
	defer compute()()
	records, err := record.DecodeShown(shown)
	if err != nil {
		return 0, err
	}
	for i := range records {
		if err := now.compare(&records[i]); err != nil {
			return 0, err
		}
	}
	return now.left(), nil
}

// compare looks at one record that was shown: it must be ours when it is read as
// ours is. One that has changed since is to be shown again.
func (s *session) compare(r *record.Record) error {
	for i := range s.change.Entries {
		e := &s.change.Entry[i]
		if e.Kind != r.Kind || e.Index != r.Index || e.Seq != r.Seq {
			continue
		}
		table, common := s.from.Table(r.Kind), s.common.Table(r.Kind)
		ours := make([]byte, table.Stride)
		if _, err := s.from.DecodeRecord(r.State, s.from.Of(table), ours); err != nil {
			return fmt.Errorf("it shows a record of %s that cannot be read: %w", table.Name, err)
		}
		if record.Digest(s.common.EncodeRecord(nil, s.common.Of(common), ours)) != e.Digest {
			return fmt.Errorf("it finds something else in %s %d than was mirrored", table.Name, r.Index)
		}
		if e.Returned != e.Seq {
			return fmt.Errorf("the way back does not lead to the same %s %d", table.Name, r.Index)
		}
		e.Shown = e.Seq
	}
	return nil
}

// left returns how many records were never shown.
func (s *session) left() (n int) {
	for i := range s.change.Entries {
		if s.change.Entry[i].Shown == 0 {
			n++
		}
	}
	return n
}

// Rehearsed reports whether the candidate has shown every record, as it must have
// before it gets the machine; there may be none.
func Rehearsed() bool { return now == nil || now.left() == 0 }
