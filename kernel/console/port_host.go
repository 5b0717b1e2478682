//go:build !metal

package console

// Off the metal there is a UART if a test put one here, and no other time.
var machine interface {
	in(port uint16) uint8
	out(port uint16, v uint8)
	rdtsc() uint64
}

func in(port uint16) uint8 {
	if machine == nil {
		return 0xff
	}
	return machine.in(port)
}

func out(port uint16, v uint8) {
	if machine != nil {
		machine.out(port, v)
	}
}

func rdtsc() uint64 {
	if machine == nil {
		return 0
	}
	return machine.rdtsc()
}

func pause() {}
