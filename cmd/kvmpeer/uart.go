package main

import (
	"bytes"
	"fmt"
)

// uart is as much of a 16550 as Linux' console needs. Its transmitter is always
// empty; nothing is ever received.
type uart struct {
	g        *guest
	ier, lcr byte
	mcr, scr byte
	fcr      byte
	empty    bool // the interrupt for it is due
	line     bytes.Buffer
}

// lastWord is the last line of a guest that goes on running.
const lastWord = "RESULT end\n"

const (
	serialLine = 4
	ierEmpty   = 2
	lcrDivisor = 0x80
)

func (u *uart) read(port uint16) byte {
	switch port {
	case 1:
		return u.ier
	case 2:
		fifo := u.fcr & 1 * 0xc0
		if u.empty && u.ier&ierEmpty != 0 {
			u.empty = false
			return fifo | 2
		}
		return fifo | 1
	case 3:
		return u.lcr
	case 4:
		return u.mcr
	case 5:
		return 0x60
	case 6:
		return 0xb0
	case 7:
		return u.scr
	}
	return 0
}

func (u *uart) write(port uint16, v byte) {
	switch {
	case port < 2 && u.lcr&lcrDivisor != 0:
	case port == 0:
		u.put(v)
		u.due()
	case port == 1:
		rose := v &^ u.ier & ierEmpty
		if u.ier = v & 0xf; rose != 0 {
			u.due()
		}
	case port == 2:
		u.fcr = v
	case port == 3:
		u.lcr = v
	case port == 4:
		u.mcr = v & 0x1f
	case port == 7:
		u.scr = v
	}
}

// due notes that the transmitter is empty.
func (u *uart) due() {
	u.empty = true
	if u.ier&ierEmpty != 0 {
		u.g.raise(serialLine)
	}
}

// put collects lines: two guests print at the same time.
func (u *uart) put(b byte) {
	if b == '\r' {
		return
	}
	u.line.WriteByte(b)
	if b == '\n' {
		fmt.Printf("%s: %s", u.g.name, u.line.Bytes())
		if u.line.String() == lastWord {
			close(u.g.done)
		}
		u.line.Reset()
	}
}
