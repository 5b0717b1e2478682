//go:build metal

package golden

import (
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Ports of the 8254.
const (
	pitData    = 0x40
	pitCommand = 0x43
	pitOneShot = 0x30 // channel 0, mode 0, both bytes
)

// startTimer makes the PIT's output rise after n of its ticks.
func startTimer(n uint16) {
	x86.OUT8(pitCommand, pitOneShot)
	x86.OUT8(pitData, uint8(n))
	x86.OUT8(pitData, uint8(n>>8))
}

// quietTimer leaves the PIT waiting for a count.
func quietTimer() { x86.OUT8(pitCommand, pitOneShot) }

// smash overwrites live words of the heap and then asks for a reset.
//
//go:nosplit
func smash(seed uint64) {
	for range 200 {
		seed = seed*6364136223846793005 + 1442695040888963407
		spoilWord(addr.HeapBase+addr.HVA(seed>>40&0xffff8), seed)
	}
	kernel.Reset()
}
