//go:build metal

package raw

// in reads a byte from an I/O port.
func in(port uint16) byte

// out writes a byte to an I/O port.
func out(port uint16, v byte)
