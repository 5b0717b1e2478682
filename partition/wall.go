package partition

import (
	"perdure/kernel/x86"
	"perdure/partition/cmos"
)

// setClock finds out what time it is, before the machine's clock is root's. A
// machine without one is at the beginning of 1970.
func (h *Host) setClock() {
	now, _ := cmos.Ask(func(register uint8) uint8 {
		x86.OUT8(cmos.Port, register)
		return x86.IN8(cmos.Port + 1)
	})
	h.Epoch = now - x86.RDTSC()/max(h.TSCHz, 1)
}

// wallClock returns the time that guests find when they begin.
//
//go:nosplit
func wallClock() uint64 { return tab.Host.Epoch + x86.RDTSC()/max(tab.Host.TSCHz, 1) }
