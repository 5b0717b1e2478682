package cmos

import (
	"bytes"
	"testing"
	"time"

	"perdure/partition/device/savetest"
	"perdure/partition/tx"
)

// choose chooses a register as a guest does.
func (s *State) choose(index uint8) {
	var l tx.Log
	s.Write(&l, Port, index)
	l.Apply()
}

// times are such that all that can be wrong with a date is.
func times() (all []time.Time) {
	for _, text := range []string{
		"1970-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2000-02-29T12:00:00Z", "2023-02-28T23:59:59Z", "2024-02-29T00:00:00Z",
		"2024-12-31T11:59:59Z", "2026-11-22T06:22:23Z", "2100-02-28T23:59:59Z", "2100-03-01T00:00:00Z", "2400-02-29T13:14:15Z", "9799-12-31T23:59:59Z",
	} {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err)
		}
		all = append(all, t)
	}
	for i := range 2000 { // every few months of three centuries
		all = append(all, time.Unix(int64(i)*4_700_007, 0).UTC())
	}
	return all
}

func TestRegistersSayTheTime(t *testing.T) {
	for _, want := range times() {
		now := uint64(want.Unix())
		two := func(n int) uint8 { return uint8(n/10<<4 | n%10) }
		for index, val := range map[uint8]uint8{
			0: two(want.Second()), 2: two(want.Minute()), 4: two(want.Hour()), 6: two(int(want.Weekday()) + 1),
			7: two(want.Day()), 8: two(int(want.Month())), 9: two(want.Year() % 100), 0x32: two(want.Year() / 100),
			0xa: rate, 0xb: twentyFour, 0xc: 0, 0xd: valid, 0x40: 0,
		} {
			var s State
			if s.choose(index | 0x80); s.Read(Port+1, now) != val { // with NMIs masked, as far as a PC goes
				t.Errorf("%v: register %#x is %#x, want %#x", want, index, s.Read(Port+1, now), val)
			}
		}
	}
}

// What one clock says, another one can be set by.
func TestAsk(t *testing.T) {
	for _, want := range times() {
		if want.Year() < 2000 {
			continue // see seconds
		}
		got, ok := Ask(func(index uint8) uint8 { return register(uint64(index), uint64(want.Unix())) })
		if !ok || int64(got) != want.Unix() {
			t.Errorf("%v is read as %v, %v", want, time.Unix(int64(got), 0).UTC(), ok)
		}
	}
}

func TestAskOtherClocks(t *testing.T) {
	const year, century = 0x26, 0x20
	at := func(hour, minute int) int64 { return time.Date(2026, 11, 22, hour, minute, 23, 0, time.UTC).Unix() }
	for _, c := range []struct {
		name string
		r    [7]uint8
		b    uint8
		want int64 // 0: not a time
	}{
		{"decimal", [7]uint8{0x23, 0x22, 0x18, 0x22, 0x11, year, century}, twentyFour, at(18, 22)},
		{"binary", [7]uint8{23, 22, 18, 22, 11, 26, 20}, twentyFour | binary, at(18, 22)},
		{"evening", [7]uint8{0x23, 0x22, 0x86, 0x22, 0x11, year, century}, 0, at(18, 22)},
		{"noon", [7]uint8{0x23, 0x22, 0x92, 0x22, 0x11, year, century}, 0, at(12, 22)},
		{"midnight", [7]uint8{0x23, 0x22, 0x12, 0x22, 0x11, year, century}, 0, at(0, 22)},
		{"binary evening", [7]uint8{23, 22, 0x86, 22, 11, 26, 20}, binary, at(18, 22)},
		{"no century", [7]uint8{0x23, 0x22, 0x18, 0x22, 0x11, year, 0}, twentyFour, at(18, 22)},
		{"hour 0 of twelve", [7]uint8{0x23, 0x22, 0, 0x22, 0x11, year, century}, 0, 0},
		{"no digits", [7]uint8{0x2a, 0x22, 0x18, 0x22, 0x11, year, century}, twentyFour, 0},
		{"month 13", [7]uint8{0x23, 0x22, 0x18, 0x22, 0x13, year, century}, twentyFour, 0},
		{"day 0", [7]uint8{0x23, 0x22, 0x18, 0, 0x11, year, century}, twentyFour, 0},
	} {
		got, ok := seconds(c.r, c.b)
		if ok != (c.want != 0) || ok && int64(got) != c.want {
			t.Errorf("%s: %v, %v", c.name, time.Unix(int64(got), 0).UTC(), ok)
		}
	}
}

// A clock that changes while it is read is read again; one that is not there,
// where all bits are ones, is found out.
func TestAskInTime(t *testing.T) {
	begin, asked := uint64(newYear.Unix()), 0
	got, ok := Ask(func(index uint8) uint8 {
		if asked++; asked < 5 {
			return updating
		}
		now := begin
		if asked > 8 { // in the middle of the first reading the year ends
			now++
		}
		return register(uint64(index), now)
	})
	if !ok || got != begin+1 {
		t.Errorf("%v, %v", time.Unix(int64(got), 0).UTC(), ok)
	}
	if _, ok := Ask(func(uint8) uint8 { return 0xff }); ok {
		t.Error("there is a clock where there is none")
	}
}

var newYear = time.Date(2039, 12, 31, 23, 59, 59, 0, time.UTC)

func TestWritesOnlyChoose(t *testing.T) {
	var s State
	var l tx.Log
	s.Reset()
	if s.Read(Port+1, 0) != valid || s.Read(Port, 0) != 0xff {
		t.Error("after a reset")
	}
	s.choose(regB)
	s.Write(&l, Port+1, 0xff)
	if l.Apply(); s.Read(Port+1, 0) != twentyFour {
		t.Error("a register was written")
	}
}

func TestSave(t *testing.T) {
	savetest.Check(t, State{Index: regYear}, func(s *State) { s.Index = indexMask + 1 })
}

// FuzzLoad loads anything, and uses what was accepted.
func FuzzLoad(f *testing.F) {
	f.Add((&State{Index: regYear}).Save(nil), uint16(Port), uint8(1), uint64(1))
	f.Fuzz(func(t *testing.T, in []byte, port uint16, val uint8, now uint64) {
		var s State
		var l tx.Log
		if s.Load(in) != nil {
			return
		}
		if !bytes.Equal(in, s.Save(nil)) {
			t.Fatal("saved, it is something else")
		}
		s.Read(port, now)
		s.Write(&l, port, val)
		l.Apply()
		if n := s.Save(nil); s.Load(n) != nil {
			t.Fatalf("an access leads to %+v", s)
		}
	})
}
