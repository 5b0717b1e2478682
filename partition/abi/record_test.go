package abi

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
)

// records has one of each, made anew.
func records() map[string]Record {
	return map[string]Record{
		"info": &Info{}, "processor": &Processor{}, "partition": &Partition{},
		"counters": &Counters{}, "lines": &Lines{}, "check": &Check{},
	}
}

// Sizes are part of the interface: they may only grow, and this list with them.
func TestSizes(t *testing.T) {
	want := map[string]int{"info": 368, "processor": 104, "partition": 216, "counters": 752, "lines": 2832, "check": 280}
	for name, r := range records() {
		if got := len(r.Bytes()); got != want[name] {
			t.Errorf("%s: %d bytes, want %d", name, got, want[name])
		}
	}
}

// The encoding is what encoding/binary makes of the struct: little endian, in
// order, without padding.
func TestMemoryIsEncoding(t *testing.T) {
	for name, r := range records() {
		b := r.Bytes()
		for i := range b {
			b[i] = byte(i*7 + 1)
		}
		var enc bytes.Buffer
		if err := binary.Write(&enc, binary.LittleEndian, reflect.ValueOf(r).Elem().Interface()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(clearBlank(name, enc.Bytes()), clearBlank(name, b)) {
			t.Errorf("%s: memory and encoding differ", name)
		}
	}
	e := TraceEntry{TSC: 1, RIP: 2, Qual: 3, Reason: 4, Partition: 5, VP: 6}
	var enc bytes.Buffer
	binary.Write(&enc, binary.LittleEndian, e)
	if !bytes.Equal(enc.Bytes(), e.Bytes()) {
		t.Error("trace entry: memory and encoding differ")
	}
}

// clearBlank clears the fields without a name, which encoding/binary leaves out.
func clearBlank(name string, b []byte) []byte {
	if name == "check" {
		for i := range NumCheckItems {
			clear(b[24+i*32+4 : 24+i*32+8])
		}
	}
	return b
}

func TestOffsets(t *testing.T) {
	want := map[string]uintptr{
		"Info.Generation": 120, "Info.CPUs": 136, "Info.TSCHz": 152, "Info.Mem": 216, "Info.Rounds": 336,
		"Counters.Now": 32, "Counters.Exits": 48, "Counters.Calls": 688,
		"Lines.Line": 16, "Partition.Memory": 24, "Partition.Reason": 96, "Check.Items": 24, "Processor.Now": 24,
	}
	for _, v := range []any{Info{}, Counters{}, Lines{}, Partition{}, Check{}, Processor{}} {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			f := typ.Field(i)
			if off, ok := want[typ.Name()+"."+f.Name]; ok && off != f.Offset {
				t.Errorf("%s.%s at %d, want %d", typ.Name(), f.Name, f.Offset, off)
			}
			if typ.Field(0).Name != "Header" {
				t.Errorf("%s does not begin with its header", typ.Name())
			}
		}
	}
}

func TestDecode(t *testing.T) {
	full := Counters{Header: Header{CountersSize, CountersVersion}, VP: 3, Unwound: 9}
	longer := append(bytes.Clone(full.Bytes()), 1, 2, 3, 4)
	binary.LittleEndian.PutUint32(longer, CountersSize+4)
	shorter := bytes.Clone(full.Bytes()[:48])
	binary.LittleEndian.PutUint32(shorter, 48)
	other := bytes.Clone(full.Bytes())
	other[4] = 2
	tests := []struct {
		name    string
		in      []byte
		cut     bool
		err     error
		unwound uint64
		rest    int
	}{
		{"whole", full.Bytes(), false, nil, 9, 0},
		{"from a newer hypervisor", append(bytes.Clone(longer), 5), false, nil, 9, 1},
		{"from an older hypervisor", shorter, false, nil, 0, 0},
		{"cut by our buffer", full.Bytes()[:40], true, nil, 0, 0},
		{"cut, and that is an error", full.Bytes()[:40], false, ErrShort, 0, 0},
		{"no header", full.Bytes()[:7], true, ErrShort, 0, 0},
		{"other version", other, false, ErrOther, 0, 0},
		{"size below the header", []byte{7, 0, 0, 0, 1, 0, 0, 0}, true, ErrShort, 0, 0},
	}
	for _, tt := range tests {
		c := Counters{Unwound: 77}
		rest, err := Decode(tt.in, &c, tt.cut)
		if err != tt.err {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.err)
		} else if err == nil && (c.VP != 3 || c.Unwound != tt.unwound || len(rest) != tt.rest) {
			t.Errorf("%s: VP %d, last field %d, rest %d", tt.name, c.VP, c.Unwound, len(rest))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range records() {
		binary.LittleEndian.PutUint32(r.Bytes(), uint32(len(r.Bytes())))
		r.Bytes()[4] = 1
		f.Add(bytes.Clone(r.Bytes()), false)
		f.Add(bytes.Clone(r.Bytes()[:20]), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, cut bool) {
		for name, r := range records() {
			rest, err := Decode(b, r, cut)
			if err == nil && len(rest) > len(b)-headerSize {
				t.Errorf("%s: decoding took nothing", name)
			}
		}
		for _, e := range DecodeTrace(b) {
			if ReasonName(e.Reason) == "" {
				t.Error("a reason without a name")
			}
		}
	})
}

func TestText(t *testing.T) {
	var f [4]byte
	for in, want := range map[string]string{"": "", "ab": "ab", "abcd": "abcd", "abcdef": "abcd"} {
		SetText(f[:], in)
		if got := Text(f[:]); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
