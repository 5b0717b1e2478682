//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel"
)

// beating is a bench whose first processor is watched by the machine's clock.
func beating(t *testing.T) *CPU {
	c, _ := bench(t, 1)
	h, k := tab.Host, kernel.This()
	was := *h
	watches[0] = true
	h.NMILine, h.TSCHz, h.WatchLen = 3, beatsEarly*1000, 1
	k.Beat, c.Exits = kernel.Beat{}, 5
	in := chip.in
	chip.in = func(port uint16) uint8 { return ^uint8(nmiReason) }
	t.Cleanup(func() {
		*h, chip.in = was, in
		watches[0], k.Beat = false, kernel.Beat{}
		meeting.state = meetNone
	})
	return c
}

// nextBeat is the next beat, a second after the last one.
func nextBeat() kernel.NMI {
	kernel.This().Beat.At -= tab.Host.TSCHz
	return beat()
}

func TestBeat(t *testing.T) {
	c := beating(t)
	nextBeat()
	for range missedBeats - 1 {
		assert.Equal(t, kernel.NMIBeat, nextBeat())
	}
	assert.Equal(t, kernel.NMIHangs, nextBeat(), "no progress")
	assert.Equal(t, kernel.NMIBeat, nextBeat(), "and from the beginning")
	for name, gets := range map[string]func(){
		"an exit":            func() { c.Exits++ },
		"a round":            func() { c.Watch.Steps++ },
		"a meeting":          func() { meeting.state = meetOpen },
		"nobody watches":     func() { tab.Host.WatchLen = 0 },
		"records not theirs": func() { watches[0] = false },
	} {
		for range 3 * missedBeats {
			gets()
			assert.Equal(t, kernel.NMIBeat, nextBeat(), name)
		}
		meeting.state, tab.Host.WatchLen, watches[0] = meetNone, 1, true
	}
}

func TestBeatIsPatient(t *testing.T) {
	for name, v := range map[string]struct {
		lent, watch uint64 // watch: looks that last as long, in beats
		most        int
	}{
		"at once":        {0, 0, missedBeats},
		"control work":   {1, 0, missedLent},
		"watchdog=1000":  {0, beats, missedBeats + beats},
		"both":           {1, beats, missedLent + beats},
		"watchdog=10000": {0, 10 * beats, missedBeats + 10*beats},
	} {
		c := beating(t)
		tab.Host.WatchLen, c.Watch.Lent = v.watch*tab.Host.TSCHz/beats/looks+1, v.lent
		nextBeat()
		n := 1
		for ; nextBeat() != kernel.NMIHangs && n < 1000; n++ {
		}
		assert.Equal(t, v.most, n, name)
	}
}

// A beat that was late is followed by one that comes too soon to mean anything; it is nobody
// else's for that. Root that had no table of its vectors yet died of one.
func TestNotABeat(t *testing.T) {
	beating(t)
	assert.Equal(t, kernel.NMIBeat, nextBeat())
	hz := tab.Host.TSCHz
	tab.Host.TSCHz = 1 << 50
	for range 2 * missedBeats {
		assert.Equal(t, kernel.NMIBeat, beat(), "too early")
	}
	assert.Zero(t, kernel.This().Beat.Missed)
	tab.Host.TSCHz = hz
	for _, reason := range []uint8{0x40, 0x80} {
		chip.in = func(port uint16) uint8 {
			assert.EqualValues(t, 0x61, port)
			return reason
		}
		assert.Equal(t, kernel.NMIUnasked, nextBeat(), "the chipset's")
	}
	chip.in = func(uint16) uint8 { return 0 }
	assert.Equal(t, kernel.NMIBeat, nextBeat())
	tab.Host.NMILine = 0
	assert.Equal(t, kernel.NMIUnasked, nextBeat(), "no clock that is ours")
}

// machineTimer stands for the machine's 8254, and notes what it gets.
func machineTimer(t *testing.T) *[][2]uint16 {
	var got [][2]uint16
	was := chip
	chip.in = func(port uint16) uint8 { return uint8(port) | 0x80 }
	chip.out = func(port uint16, v uint8) { got = append(got, [2]uint16{port, uint16(v)}) }
	t.Cleanup(func() { chip = was })
	return &got
}

func TestRootTimer(t *testing.T) {
	c := beating(t)
	got := machineTimer(t)
	p := Lookup(0)
	v := p.VP(0)
	assert.Equal(t, Root, p.Kind)
	p.IOAPIC.Reset(0, 24, 0)
	p.rootTimer()
	assert.Zero(t, v.deadline(), "nobody listens")

	for _, o := range []struct {
		name string
		port uint16
		val  uint8
		to   [][2]uint16 // what the machine gets
	}{
		{"counter 2", 0x43, 0xb0, [][2]uint16{{0x43, 0xb0}}},
		{"its data", 0x42, 0x12, [][2]uint16{{0x42, 0x12}}},
		{"its gate", 0x61, 1, [][2]uint16{{0x61, 1}}},
		{"read back of it", 0x43, 0xc8, [][2]uint16{{0x43, 0xc8}}},
		{"read back of all", 0x43, 0xce, [][2]uint16{{0x43, 0xcc}}},
		{"read back of counter 0", 0x43, 0xc2, nil},
		{"counter 0", 0x43, 0x34, nil},
	} {
		*got = nil
		out(c, v, o.port, o.val)
		assert.Equal(t, o.to, *got, o.name)
	}
	assert.EqualValues(t, 0xe1, in(c, v, 0x61), "port 0x61 is the machine's")
	*got = nil
	v.Ctx.TSC = 1000
	out(c, v, 0x40, 0xa9, 4)
	assert.Nil(t, *got)
	assert.NotZero(t, p.PIT.Deadline)
	assert.Equal(t, p.PIT.Deadline, v.deadline())

	const low, vector = 2, 0x30
	p.IOAPIC.Low[low] = vector
	v.LAPIC.SVR |= 1 << 8
	v.tick(c, p.PIT.Deadline)
	assert.EqualValues(t, vector, v.LAPIC.Highest(), "by the pin of the machine's line")
	assert.False(t, p.PIC.Wants(), "and by no other way")
}

func TestStartBeat(t *testing.T) {
	beating(t)
	got := machineTimer(t)
	p := Lookup(0)
	p.Lines[2].Owned = 0
	startBeat()
	assert.Equal(t, [][2]uint16{{0x43, 0x34}, {0x40, 0}, {0x40, 0}}, *got)
	*got = nil
	p.Lines[2].Owned = 1
	startBeat()
	assert.Nil(t, *got, "the line is root's")
	p.Lines[2].Owned = 0
	tab.Host.NMILine = 0
	startBeat()
	assert.Nil(t, *got, "there is none")
}
