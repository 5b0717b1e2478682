package record

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"

	"google.golang.org/protobuf/encoding/protowire"
)

// A record travels as protobuf too, by its layout; the same values give the same
// bytes whatever the layout. So what is 0 is left out, a row ends with the last
// thing in it that is not 0, and fields come by their numbers.

// EncodeRecord appends a record of m to b.
func (l *Layouts) EncodeRecord(b []byte, m *Message, record []byte) []byte {
	Rest()
	for i := range m.Fields {
		f := &m.Fields[i]
		n := protowire.Number(f.Number)
		at := record[f.Offset : f.Offset+f.bytes()]
		switch {
		case f.Mark == MarkSum || f.Mark == MarkBytes:
		case f.Type == Bytes:
			if at = bytes.TrimRight(at, "\x00"); len(at) > 0 {
				b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), at)
			}
		case f.Type == Struct:
			b = l.encodeStructs(b, f, at)
		case f.Repeated:
			if inner := f.encodeNumbers(at); len(inner) > 0 {
				b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), inner)
			}
		default:
			if v := f.load(at); v != 0 {
				b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), f.zigzag(v))
			}
		}
	}
	return b
}

// encodeStructs appends the structs of a field, up to the last that is not all 0.
func (l *Layouts) encodeStructs(b []byte, f *Field, at []byte) []byte {
	kept := len(b)
	for i := range f.Len {
		inner := l.EncodeRecord(nil, l.in(f), at[i*f.Size:(i+1)*f.Size])
		b = protowire.AppendBytes(protowire.AppendTag(b, protowire.Number(f.Number), protowire.BytesType), inner)
		if len(inner) > 0 {
			kept = len(b)
		}
	}
	return b[:kept]
}

// encodeNumbers returns the numbers of a field, packed.
func (f *Field) encodeNumbers(at []byte) (b []byte) {
	kept := 0
	for i := range f.Len {
		v := f.load(at[i*f.Size:])
		b = protowire.AppendVarint(b, f.zigzag(v))
		if v != 0 {
			kept = len(b)
		}
	}
	return b[:kept]
}

// load returns the value of an integer.
func (f *Field) load(at []byte) uint64 {
	switch f.Size {
	case 1:
		if f.Type == Int {
			return uint64(int8(at[0]))
		}
		return uint64(at[0])
	case 2:
		v := binary.LittleEndian.Uint16(at)
		if f.Type == Int {
			return uint64(int16(v))
		}
		return uint64(v)
	case 4:
		v := binary.LittleEndian.Uint32(at)
		if f.Type == Int {
			return uint64(int32(v))
		}
		return uint64(v)
	}
	return binary.LittleEndian.Uint64(at)
}

// zigzag is how a value travels.
func (f *Field) zigzag(v uint64) uint64 {
	if f.Type == Int {
		return protowire.EncodeZigZag(int64(v))
	}
	return v
}

// Digest is a checksum of encoded records.
func Digest(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}
