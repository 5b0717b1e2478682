package apic

const rteNMI = 4 << 8

// RouteNMI makes the line of a GSI, edge-triggered, an NMI at the processor with
// APIC ID dest. False: no I/O APIC has it, or it cannot reach dest.
//
//go:nosplit
func RouteNMI(gsi, dest uint32) bool {
	c, pin := find(gsi)
	if c == nil || dest > 0xff {
		return false
	}
	c.lock()
	c.write(ioEntry+2*pin, rteMasked)
	c.write(ioEntry+2*pin+1, dest<<24)
	c.write(ioEntry+2*pin, rteNMI)
	c.unlock()
	return true
}
