package serial

import (
	"testing"

	"perdure/partition/tx"
)

// bench is a UART with the log that a test's accesses go through.
type bench struct {
	s    State
	l    tx.Log
	busy bool // the console has no room
	sent []byte
	rose int
	high bool
}

func newBench() *bench {
	b := &bench{}
	b.s.Reset()
	return b
}

func (b *bench) effect(e Effect) {
	b.l.Apply()
	if e.Send {
		b.sent = append(b.sent, e.Byte)
	}
	if e.Rise {
		b.rose++
	}
	b.high = e.High
}

func (b *bench) w(reg uint16, val uint8) {
	b.effect(b.s.Write(&b.l, reg, val, !b.busy))
}

func (b *bench) r(reg uint16) uint8 {
	v, e := b.s.Read(&b.l, reg, !b.busy)
	b.effect(e)
	return v
}

func (b *bench) want(t *testing.T, what string, got, want uint8) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %#x, want %#x", what, got, want)
	}
}

func TestReset(t *testing.T) {
	b := newBench()
	for reg, want := range []uint8{0, 0, 1, 0, 0, 0x60, 0xb0, 0} {
		if got := b.r(uint16(reg)); got != want {
			t.Errorf("register %d is %#x, want %#x", reg, got, want)
		}
	}
}

func TestRegisters(t *testing.T) {
	b := newBench()
	b.w(regIER, 0xff)
	b.want(t, "IER", b.r(regIER), 0x0f)
	b.w(regSCR, 0x5a)
	b.want(t, "SCR", b.r(regSCR), 0x5a)
	b.w(regMCR, 0xff)
	b.want(t, "MCR", b.r(regMCR), 0x1f)
	b.w(regMCR, 0)
	b.w(regLCR, 0x83)
	b.w(regData, 0x34)
	b.w(regIER, 0x12)
	b.want(t, "DLL", b.r(regData), 0x34)
	b.want(t, "DLM", b.r(regIER), 0x12)
	b.w(regLCR, 0x03)
	b.want(t, "LCR", b.r(regLCR), 0x03)
	b.want(t, "IER under the divisor", b.r(regIER), 0x0f)
	if len(b.sent) != 0 {
		t.Errorf("sent %q", b.sent)
	}
}

// TestLinuxProbe does what Linux's 8250 driver does to find out what there is.
func TestLinuxProbe(t *testing.T) {
	b := newBench()
	b.w(regIER, 0)
	b.want(t, "IER", b.r(regIER)&0xf, 0)
	b.w(regIER, 0xf)
	b.want(t, "IER", b.r(regIER)&0xf, 0xf)
	b.w(regIER, 0)
	b.w(regMCR, mcrLoop|0xa) // RTS and OUT2 come back as CTS and DCD
	b.want(t, "MSR in loopback", b.r(regMSR)&0xf0, 0x90)
	b.w(regMCR, 0)
	b.w(regLCR, 0xbf)
	b.w(regIIR, 0)
	b.w(regLCR, 0)
	b.w(regIIR, 1)
	b.want(t, "IIR: a FIFO that works", b.r(regIIR)>>6, 3)
	b.w(regLCR, lcrDLAB)
	if b.r(regIIR) == 0 {
		t.Error("it has the enhanced registers of a 16650")
	}
	b.w(regLCR, 0)
	b.w(regIIR, 0)
	b.want(t, "IIR without FIFO", b.r(regIIR)>>6, 0)

	b.w(regIIR, 7) // how deep is the FIFO?
	b.w(regMCR, mcrLoop)
	for i := range 256 {
		b.w(regData, uint8(i))
	}
	n := 0
	for ; b.r(regLSR)&lsrData != 0 && n < 256; n++ {
		b.want(t, "looped byte", b.r(regData), uint8(n))
	}
	if n != fifoSize || len(b.sent) != 0 {
		t.Errorf("the FIFO holds %d; %d bytes left", n, len(b.sent))
	}
}

func TestSend(t *testing.T) {
	b := newBench()
	b.w(regMCR, mcrOut2)
	b.w(regIIR, 1)
	b.w(regIER, ierTHRE)
	if !b.high || b.rose != 1 {
		t.Errorf("enabling the THRE interrupt: high %v, rose %d", b.high, b.rose)
	}
	b.want(t, "IIR", b.r(regIIR), 0xc2)
	b.want(t, "IIR again", b.r(regIIR), 0xc1)
	if b.high {
		t.Error("the line is high after IIR was read")
	}
	b.w(regData, 'a')
	b.want(t, "IIR after a byte", b.r(regIIR), 0xc2)
	if string(b.sent) != "a" || b.rose != 2 {
		t.Errorf("sent %q, rose %d", b.sent, b.rose)
	}

	b.busy = true
	b.w(regData, 'b')
	b.want(t, "LSR without room", b.r(regLSR), 0)
	b.want(t, "IIR without room", b.r(regIIR), 0xc1)
	if string(b.sent) != "ab" || !b.s.Waiting() || b.s.High() {
		t.Errorf("sent %q, waiting %v, high %v", b.sent, b.s.Waiting(), b.s.High())
	}
	b.busy = false
	b.s.Drained(&b.l)
	b.l.Apply()
	if b.s.Waiting() || !b.s.High() {
		t.Errorf("with room again: waiting %v, high %v", b.s.Waiting(), b.s.High())
	}
	b.want(t, "LSR with room", b.r(regLSR), lsrEmpty)
	b.w(regMCR, 0)
	if b.s.High() {
		t.Error("an interrupt without OUT2")
	}
}

func TestReceive(t *testing.T) {
	b := newBench()
	b.w(regMCR, mcrOut2)
	b.w(regIIR, 0x81) // trigger at 8
	b.w(regIER, ierData)
	for i := range 8 {
		if !b.s.Receive(uint8('a' + i)) {
			t.Fatal("no room")
		}
		want := uint8(0xc0 | iirTimeout)
		if i == 7 {
			want = 0xc0 | iirData
		}
		b.want(t, "IIR", b.r(regIIR), want)
	}
	for i := range 8 {
		b.want(t, "LSR", b.r(regLSR), lsrData|lsrEmpty)
		b.want(t, "byte", b.r(regData), uint8('a'+i))
	}
	b.want(t, "IIR at the end", b.r(regIIR), 0xc1)
	b.want(t, "a byte of none", b.r(regData), 0)
	if b.high {
		t.Error("the line is high with nothing received")
	}
	n := 0
	for b.s.Receive('x') {
		n++
	}
	if n != ringSize {
		t.Errorf("the ring took %d bytes", n)
	}
	if b.w(regIIR, 0x83); b.s.queued() != 0 {
		t.Error("clearing the FIFO left bytes")
	}
}

func FuzzSerial(f *testing.F) {
	f.Add([]byte{0, 1, 2, 9, 4, 0x18, 8, 0x41, 0, 0, 10, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		b := newBench()
		for ; len(in) >= 2; in = in[2:] {
			op, val := in[0], in[1]
			b.busy = op&0x80 != 0
			switch reg := uint16(op & 7); op >> 3 & 3 {
			case 0:
				_, e := b.s.Read(&b.l, reg, !b.busy)
				if b.l.N > 3 || e.Send || e.Rise {
					t.Fatalf("read of %d: %d entries, %+v", reg, b.l.N, e)
				}
				b.effect(e)
			case 1:
				e := b.s.Write(&b.l, reg, val, !b.busy)
				if b.l.N > 4 || e.Rise && !e.High {
					t.Fatalf("write of %d: %d entries, %+v", reg, b.l.N, e)
				}
				b.effect(e)
			case 2:
				b.s.Receive(val)
				continue
			case 3:
				b.s.Drained(&b.l)
				b.l.Apply()
				continue
			}
			if b.high != b.s.High() {
				t.Fatalf("op %#x: the line is said to be %v", op, b.high)
			}
			if b.s.queued() > ringSize || b.s.Flags > 7 || get(b.s.Regs, shiftIER) > 0xf || get(b.s.Regs, shiftMCR) > 0x1f {
				t.Fatalf("op %#x: %+v", op, b.s)
			}
		}
	})
}
