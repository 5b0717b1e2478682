package proto

import (
	"bytes"
	"reflect"
	"testing"
)

func TestFrameSurvivesTheLine(t *testing.T) {
	good := New(Out, 2, 7, []byte("a\x00b#hv \n"))
	line := bytes.TrimSpace(good.Line())
	torn := append(append([]byte{}, line[:9]...), append([]byte("[    1.0] usb 1-1: new device"), line[9:]...)...)
	for _, c := range []struct {
		name string
		in   []byte
		want Frame
		ok   bool
	}{
		{"alone", line, good, true},
		{"after a message without an end", append([]byte("[    0.5] e1000: up "), line...), good, true},
		{"before a message", append(append([]byte{}, line...), "[    0.5] e1000: up"...), good, true},
		{"after the start of a lost one", append([]byte("#hv OUT 2 6 aGVs"), line...), good, true},
		{"torn by a message", torn, Frame{}, false},
		{"one letter changed", bytes.Replace(line, []byte("OUT"), []byte("OUS"), 1), Frame{}, false},
		{"cut short", line[:len(line)-1], Frame{}, false},
		{"no frame", []byte("login:"), Frame{}, false},
		{"empty", nil, Frame{}, false},
	} {
		got, ok := Parse(c.in)
		if ok != c.ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func TestBodiesAreJSON(t *testing.T) {
	want := Status{Exit: 130, Error: "no such file"}
	f, ok := Parse(New(Done, 1, 3, want).Line())
	var got Status
	if err := f.JSON(&got); !ok || err != nil || got != want {
		t.Errorf("got %v %v %v, want %v", got, ok, err, want)
	}
	if f, ok := Parse(New(Off, 0, 0, nil).Line()); !ok || f.Kind != Off || len(f.Body) != 0 {
		t.Errorf("OFF: got %v %v", f, ok)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(New(Out, 1, 0, []byte("hello")).Line())
	f.Add([]byte("#hv #hv ##"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if frame, ok := Parse(line); ok {
			again, ok := Parse(frame.Line())
			if !ok || again.Kind != frame.Kind || again.Run != frame.Run || again.Seq != frame.Seq || !bytes.Equal(again.Body, frame.Body) {
				t.Errorf("%q became %q", frame.Line(), again.Line())
			}
		}
	})
}
