package apic

import "perdure/kernel/x86"

// Commands of the ICR. SDM Vol. 3A, "Interrupt Command Register (ICR)".
const (
	icrNMI     = 4 << 8
	icrINIT    = 5 << 8
	icrStartUp = 6 << 8
	icrPending = 1 << 12 // xAPIC only
	icrAssert  = 1 << 14
	icrOthers  = 3 << 18
)

// SendIPI interrupts the processor with the given APIC ID.
//
//go:nosplit
func SendIPI(id uint32, vector uint8) { send(id, icrAssert|uint32(vector)) }

// IPIOthers interrupts every other processor.
//
//go:nosplit
func IPIOthers(vector uint8) { send(0, icrAssert|icrOthers|uint32(vector)) }

// SendNMI sends an NMI to one processor.
//
//go:nosplit
func SendNMI(id uint32) { send(id, icrAssert|icrNMI) }

// SendINIT sends INIT to one processor, which then waits for SendSIPI.
//
//go:nosplit
func SendINIT(id uint32) { send(id, icrAssert|icrINIT) }

// SendSIPI starts a processor that waits after INIT, in real mode at page
// number page, which is below 1 MiB.
//
//go:nosplit
func SendSIPI(id uint32, page uint8) { send(id, icrAssert|icrStartUp|uint32(page)) }

// NMIOthers sends an NMI to every other processor.
//
//go:nosplit
func NMIOthers() { send(0, icrAssert|icrNMI|icrOthers) }

// send writes the ICR. Stores before it are seen by the processor that is
// interrupted, for which a write of an x2APIC's MSR needs a fence.
//
//go:nosplit
func send(id, command uint32) {
	if x2 {
		fence()
		wrmsr(x86.MSRX2APICFirst+regICR, uint64(id)<<32|uint64(command))
		return
	}
	for read(regICR)&icrPending != 0 {
		x86.PAUSE()
	}
	write(regICRHigh, id<<24)
	write(regICR, command)
}
