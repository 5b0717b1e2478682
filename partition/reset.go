package partition

import "perdure/kernel/x86"

// resetMachine starts the machine anew: by the register that ACPI names, then
// by that of the PCI host bridge, then by the keyboard controller, then by a
// triple fault, which no machine survives.
//
//go:nosplit
func resetMachine() {
	if p := tab.Host.ResetPort; p != 0 {
		x86.OUT8(uint16(p), uint8(tab.Host.ResetValue))
		pause()
	}
	x86.OUT8(0xcf9, 2)
	x86.OUT8(0xcf9, 6)
	pause()
	x86.OUT8(0x64, 0xfe)
	pause()
	var none x86.TableRegister
	x86.LIDT(&none)
	x86.Stop()
}

// pause waits long enough for a reset to happen.
//
//go:nosplit
func pause() {
	for end := x86.RDTSC() + tab.Host.TSCHz/10; x86.RDTSC() < end; {
		x86.PAUSE()
	}
}

//go:nosplit
func wbinvd() { x86.WBINVD() }
