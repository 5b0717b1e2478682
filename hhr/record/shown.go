package record

import (
	"google.golang.org/protobuf/encoding/protowire"

	"perdure/mm/kept"
)

// Record is a record of a table, as it travels.
type Record struct {
	Kind  kept.Kind
	Index uint64
	Seq   uint64
	State []byte
}

// Shown is what a candidate shows of the records that it has found.
type Shown []Record

// Encode returns s in protobuf.
func (s Shown) Encode() []byte {
	var all writer
	for i := range s {
		r, w := &s[i], writer{}
		w.number(1, uint64(r.Kind))
		w.number(2, r.Index)
		w.number(3, r.Seq)
		w.bytes(4, r.State)
		all.bytes(1, w)
	}
	return all
}

// DecodeShown reads what a candidate shows.
func DecodeShown(b []byte) (s Shown, err error) {
	err = read(b, func(n protowire.Number, _ uint64, b []byte) error {
		if n != 1 || b == nil {
			return nil
		}
		r := Record{}
		err := read(b, func(n protowire.Number, v uint64, b []byte) error {
			switch n {
			case 1:
				r.Kind = kept.Kind(v)
			case 2:
				r.Index = v
			case 3:
				r.Seq = v
			case 4:
				r.State = b
			}
			return nil
		})
		s = append(s, r)
		return err
	})
	return s, err
}
