package lapic

import "testing"

// A processor that sleeps gets what it may wait for in vain, and nothing that comes by itself.
func TestWake(t *testing.T) {
	const now, end = 1 << 30, 1<<30 + 1000
	for _, c := range []struct {
		name     string
		lvt      uint64
		count    uint64
		deadline uint64
		wakes    bool
		next     uint64
	}{
		{"not set", timerDeadline<<timerShift | 0x40, 0, 0, true, 0},
		{"set", timerDeadline<<timerShift | 0x40, 0, now + 500, false, now + 500},
		{"has passed", timerDeadline<<timerShift | 0x40, 0, now - 500, false, now - 500},
		{"for a time that is far away", timerDeadline<<timerShift | 0x40, 0, 1 << 62, true, 0},
		{"masked", timerDeadline<<timerShift | LVTMasked | 0x40, 0, 0, false, 0},
		{"periodic, and lost", timerPeriodic<<timerShift | 0x40, MinPeriod, 0, true, now + MinPeriod*2},
		{"one shot", 0x40, MinPeriod, 0, true, 0},
	} {
		b := newX2(t, 0)
		b.s.LVT[LVTTimer], b.s.InitialCount, b.s.Deadline, b.s.Divide = c.lvt, c.count, c.deadline, 0
		b.s.Wake(now, end)
		if wakes := b.s.Highest() == 0x40; wakes != c.wakes || b.s.Deadline != c.next {
			t.Errorf("%s: wakes %v, then %#x", c.name, wakes, b.s.Deadline)
		}
	}
}

// What stays in service is ended one by one, the highest first.
func TestStuck(t *testing.T) {
	b := newX2(t, 0)
	b.s.ISR, b.s.TMR = [4]uint64{1: 1 << 3, 3: 1 << 5}, [4]uint64{3: 1 << 5}
	for _, want := range []struct {
		vec   uint8
		level bool
	}{{197, true}, {67, false}, {0, false}} {
		vec, level := b.s.Serving()
		if vec != want.vec || level != want.level {
			t.Errorf("%d, level %v, want %+v", vec, level, want)
		}
		if vec != 0 {
			b.s.End(vec)
		}
	}
}
