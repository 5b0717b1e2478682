package tables

import "perdure/boot/le"

// Opcodes. ACPI, "AML Grammar Definition".
const (
	opZero    = 0x00
	opName    = 0x08
	opByte    = 0x0a
	opDword   = 0x0c
	opString  = 0x0d
	opScope   = 0x10
	opBuffer  = 0x11
	opPackage = 0x12
	opExt     = 0x5b
	opDevice  = 0x82 // after opExt
)

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// block returns an opcode, the length of what follows it, and that. ACPI,
// "Package Length Encoding": the length counts itself.
func block(op byte, parts ...[]byte) []byte {
	body := join(parts...)
	n := len(body)
	switch {
	case n+1 < 1<<6:
		return join([]byte{op, byte(n + 1)}, body)
	case n+2 < 1<<12:
		n += 2
		return join([]byte{op, 1<<6 | byte(n&15), byte(n >> 4)}, body)
	}
	n += 3
	return join([]byte{op, 2<<6 | byte(n&15), byte(n >> 4), byte(n >> 12)}, body)
}

func named(name string, object []byte) []byte { return join([]byte{opName}, []byte(name), object) }
func number(n byte) []byte                    { return []byte{opByte, n} }
func text(s string) []byte                    { return join([]byte{opString}, []byte(s), []byte{0}) }
func buffer(b []byte) []byte                  { return block(opBuffer, number(byte(len(b))), b) }

func device(name string, parts ...[]byte) []byte {
	return join([]byte{opExt}, block(opDevice, []byte(name), join(parts...)))
}

func scope(name string, parts ...[]byte) []byte {
	return block(opScope, []byte(name), join(parts...))
}

// eisa returns an id such as PNP0501 as its number. ACPI, "_HID (Hardware ID)".
func eisa(id string) []byte {
	hex := func(c byte) uint32 {
		if c >= 'A' {
			return uint32(c-'A') + 10
		}
		return uint32(c - '0')
	}
	n := uint32(id[0]-0x40)<<26 | uint32(id[1]-0x40)<<21 | uint32(id[2]-0x40)<<16 |
		hex(id[3])<<12 | hex(id[4])<<8 | hex(id[5])<<4 | hex(id[6])
	return []byte{opDword, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

// Resources. ACPI, "Resource Data Types for ACPI".

// ports are n I/O ports that all 16 address lines are decoded for.
func ports(at uint16, n byte) []byte {
	return []byte{0x47, 1, byte(at), byte(at >> 8), byte(at), byte(at >> 8), 1, n}
}

// irq is an ISA interrupt: an edge, active high.
func irq(n uint) []byte {
	mask := uint16(1) << n
	return []byte{0x22, byte(mask), byte(mask >> 8)}
}

// memory is a stretch of memory that can be written.
func memory(at, n uint32) []byte {
	b := []byte{0x86, 9, 0, 1, 11: 0}
	le.Put32(b, 4, at)
	le.Put32(b, 8, n)
	return b
}

// edge is a global system interrupt: an edge, active high, not shared.
func edge(gsi uint32) []byte {
	b := []byte{0x89, 6, 0, 1 | 1<<1, 1, 8: 0}
	le.Put32(b, 5, gsi)
	return b
}

// resources is what a device's _CRS gives.
func resources(list ...[]byte) []byte {
	return named("_CRS", buffer(join(join(list...), []byte{0x79, 0})))
}
