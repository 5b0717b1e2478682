// Package raw prints when nothing else can.
//
// The one idea: a byte out of the first 16550, polled, from any state the
// processor may be in; no memory is written.
package raw

const (
	lsr      = 5    // line status register
	lsrEmpty = 0x20 // the transmitter takes a byte
	patience = 1 << 16
)

// Port is the first register of the 16550 that everything is printed to.
const Port = 0x3f8

// Putc sends one byte. Where there is no 16550 it gives up after a while.
//
//go:nosplit
func Putc(c byte) {
	for i := 0; i < patience && in(Port+lsr)&lsrEmpty == 0; i++ {
	}
	out(Port, c)
}

// Puts sends s; a line feed gets its carriage return.
//
//go:nosplit
func Puts(s string) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\n' {
			Putc('\r')
		}
		Putc(s[i])
	}
}

// Hex sends v in hexadecimal without leading zeros.
//
//go:nosplit
func Hex(v uint64) {
	Puts("0x")
	s := uint(60)
	for s > 0 && v>>s == 0 {
		s -= 4
	}
	for ; ; s -= 4 {
		Putc("0123456789abcdef"[v>>(s&63)&15])
		if s == 0 {
			return
		}
	}
}

// Dec sends v in decimal.
//
//go:nosplit
func Dec(v uint64) {
	d := uint64(1)
	for v/d >= 10 {
		d *= 10
	}
	for ; d > 0; d /= 10 {
		Putc(byte('0' + v/d%10))
	}
}
