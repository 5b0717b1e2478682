//go:build !metal

package console

import "testing"

// uart is a 16550 with a wire that a test reads and writes.
type uart struct {
	wire  []byte // sent
	typed []byte // to be received
	now   uint64
	full  bool // the transmitter takes nothing
	ier   uint8
	lcr   uint8
	scr   uint8
	thre  bool
}

func (u *uart) rdtsc() uint64 { u.now++; return u.now }

func (u *uart) in(p uint16) uint8 {
	switch p & 7 {
	case regData:
		b := u.typed[0]
		u.typed = u.typed[1:]
		return b
	case regIIR:
		switch {
		case u.ier&ierData != 0 && len(u.typed) > 0:
			return 4
		case u.ier&ierTHRE != 0 && u.thre && !u.full:
			u.thre = false
			return 2
		}
		return iirNone
	case regLSR:
		v := uint8(0)
		if len(u.typed) > 0 {
			v |= lsrData
		}
		if !u.full {
			v |= lsrEmpty
		}
		return v
	case regSCR:
		return u.scr
	}
	return 0
}

func (u *uart) out(p uint16, v uint8) {
	switch p & 7 {
	case regData:
		if u.lcr&lcrDLAB == 0 {
			u.wire = append(u.wire, v)
			u.thre = true
		}
	case regIER:
		if u.lcr&lcrDLAB == 0 {
			u.ier, u.thre = v, true
		}
	case regLCR:
		u.lcr = v
	case regSCR:
		u.scr = v
	}
}

// start gives a test a console of its own.
func start(t *testing.T) *uart {
	t.Helper()
	u := &uart{}
	machine, early, state, hz, zero, level, prompt = u, State{}, &early, 0, 0, Info, true
	OnList, OnCounters = nil, nil
	if !Start(0x3f8, 115200) {
		t.Fatal("no UART found")
	}
	t.Cleanup(func() { machine, port = nil, 0 })
	return u
}

func root(text string) {
	for i := range len(text) {
		Put(text[i])
	}
}

// settle drains until nothing waits.
func settle() {
	for n := 0; n < 10000 && (state.OutHead != state.OutTail || state.Shown != state.LogEnd); n++ {
		Drain()
	}
}
