package partition

import (
	"perdure/boot/acpi"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// sleepEnable is the bit of a PM1 control register that sends the machine to
// sleep or off. ACPI, "PM1 Control Registers".
const sleepEnable = 1 << 13

// powerPorts notes where root switches the machine off and resets it.
func (h *Host) powerPorts(m *acpi.Machine) {
	f := &m.FADT
	h.PM1a, h.PM1b = uint64(f.PM1aCtl), uint64(f.PM1bCtl)
	if f.CanReset && f.Reset.Space == acpi.SpaceIO && f.Reset.Addr <= 0xffff {
		h.ResetPort, h.ResetValue = f.Reset.Addr, uint64(f.ResetValue)
	}
}

// isPower reports whether root's use of a port is watched, so that what it has
// printed is out before the machine is off.
//
//go:nosplit
func isPower(port uint16) bool {
	h := tab.Host
	return port != 0 && (uint64(port) == h.PM1a || uint64(port) == h.PM1b)
}

// power carries out root's access to such a port.
//
//go:nosplit
func power(q vmcs.IO, val uint32) uint32 {
	switch {
	case q.In() && q.Size() == 4:
		return x86.IN32(q.Port())
	case q.In() && q.Size() == 2:
		return uint32(x86.IN16(q.Port()))
	case q.In():
		return uint32(x86.IN8(q.Port()))
	}
	if q.Size() >= 2 && val&sleepEnable != 0 {
		this().Watch.Lent = 1
		far.flush()
	}
	switch q.Size() {
	case 4:
		x86.OUT32(q.Port(), val)
	case 2:
		x86.OUT16(q.Port(), uint16(val))
	default:
		x86.OUT8(q.Port(), uint8(val))
	}
	return 0
}
