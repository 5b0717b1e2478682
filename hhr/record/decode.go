package record

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// decoder puts what was encoded into a record, by its layout.
type decoder struct {
	layouts *Layouts
	unknown int
}

// DecodeRecord makes record, one of m that is all zeros, what was encoded. It
// returns how many fields it does not know, which it leaves out.
func (l *Layouts) DecodeRecord(b []byte, m *Message, record []byte) (unknown int, err error) {
	d := decoder{layouts: l}
	err = d.message(b, m, record)
	return d.unknown, err
}

func (d *decoder) message(b []byte, m *Message, record []byte) error {
	come := make(map[uint64]uint64, 8)
	return read(b, func(n protowire.Number, v uint64, inner []byte) error {
		f := m.field(uint64(n))
		if f == nil {
			d.unknown++
			return nil
		}
		at := record[f.Offset : f.Offset+f.bytes()]
		i := come[f.Number]
		come[f.Number]++
		packed := f.Type == Bytes || f.Type == Struct || f.Repeated
		if packed != (inner != nil) || f.Mark == MarkSum || f.Mark == MarkBytes || i > 0 && (f.Type != Struct || i >= f.Len) {
			return fmt.Errorf("%s.%s: %w", m.Name, f.Name, ErrWire)
		}
		switch {
		case f.Type == Bytes:
			if uint64(len(inner)) > f.bytes() {
				return fmt.Errorf("%s.%s: %d bytes have no room", m.Name, f.Name, len(inner))
			}
			copy(at, inner)
		case f.Type == Struct:
			return d.message(inner, d.layouts.in(f), at[i*f.Size:(i+1)*f.Size])
		case f.Repeated:
			return f.decodeNumbers(m, inner, at)
		default:
			return f.store(m, at, v)
		}
		return nil
	})
}

// decodeNumbers reads packed numbers.
func (f *Field) decodeNumbers(m *Message, b, at []byte) error {
	for i := uint64(0); len(b) > 0; i++ {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 || i == f.Len {
			return fmt.Errorf("%s.%s: %w", m.Name, f.Name, ErrWire)
		}
		if err := f.store(m, at[i*f.Size:], v); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// store writes an integer that travelled as v.
func (f *Field) store(m *Message, at []byte, v uint64) error {
	if f.Type == Int {
		v = uint64(protowire.DecodeZigZag(v))
	}
	switch f.Size {
	case 1:
		at[0] = byte(v)
	case 2:
		binary.LittleEndian.PutUint16(at, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(at, uint32(v))
	default:
		binary.LittleEndian.PutUint64(at, v)
	}
	if f.load(at) != v || f.Type == Bool && v > 1 {
		return fmt.Errorf("%s.%s: %d has no room", m.Name, f.Name, v)
	}
	return nil
}
