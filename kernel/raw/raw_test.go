//go:build !metal

package raw

import "testing"

func TestPrint(t *testing.T) {
	sent = nil
	Puts("a\n")
	Hex(0)
	Putc(' ')
	Hex(0xdeadbeef00)
	Putc(' ')
	Dec(0)
	Putc(' ')
	Dec(18446744073709551615)
	if want := "a\r\n0x0 0xdeadbeef00 0 18446744073709551615"; string(sent) != want {
		t.Errorf("sent %q, want %q", sent, want)
	}
}
