package acpi

import "perdure/boot/le"

// Virtio is a virtio device with registers in memory. Its interrupt is an edge,
// active high.
type Virtio struct {
	Addr, Size uint64
	GSI        uint32
}

// Encodings of the ACPI Machine Language. ACPI, "AML Grammar Definition".
const (
	amlName   = 0x08
	amlByte   = 0x0a
	amlString = 0x0d
	amlScope  = 0x10
	amlBuffer = 0x11
	amlExt    = 0x5b
	amlDevice = 0x82 // after amlExt
	amlRoot   = '\\'
)

// describe returns the AML of devices below \_SB, which Linux gives to its
// driver virtio_mmio.
func describe(devices []Virtio) []byte {
	scope := []byte{amlRoot, '_', 'S', 'B', '_'}
	for i, d := range devices {
		body := []byte{'P', 'R', 'D', '0' + byte(i)}
		body = append(append(body, amlName), "_HID\x0dLNRO0005\x00"...)
		body = append(append(body, amlName), '_', 'U', 'I', 'D', amlByte, byte(i))
		crs := d.resources()
		buffer := append([]byte{amlByte, byte(len(crs))}, crs...)
		body = append(append(append(body, amlName), "_CRS"...), block(amlBuffer, buffer)...)
		scope = append(append(scope, amlExt), block(amlDevice, body)...)
	}
	return block(amlScope, scope)
}

// block returns an opcode, the length of what follows it, and body. ACPI,
// "Package Length Encoding".
func block(op byte, body []byte) []byte {
	b := []byte{op}
	switch n := len(body); {
	case n+1 < 1<<6:
		b = append(b, byte(n+1))
	default:
		n += 2
		b = append(b, 1<<6|byte(n&15), byte(n>>4))
	}
	return append(b, body...)
}

// resources returns d's registers and interrupt. ACPI, "QWord Address Space
// Descriptor" and "Extended Interrupt Descriptor".
func (d Virtio) resources() []byte {
	const (
		memory, interrupt, end  = 0x8a, 0x89, 0x79
		lenMemory, lenInterrupt = 43, 6
		consumes, fixed, write  = 1, 3 << 2, 1 // minimum and maximum are fixed
		edge                    = 1 << 1
	)
	b := make([]byte, 3+lenMemory+3+lenInterrupt+2)
	b[0], b[1], b[4], b[5] = memory, lenMemory, consumes|fixed, write
	le.Put64(b, 14, d.Addr)
	le.Put64(b, 22, d.Addr+d.Size-1)
	le.Put64(b, 38, d.Size)
	i := b[3+lenMemory:]
	i[0], i[1], i[3], i[4] = interrupt, lenInterrupt, consumes|edge, 1
	le.Put32(i, 5, d.GSI)
	i[9] = end
	return b
}
