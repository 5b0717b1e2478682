package x86

// TableRegister is what LGDT, LIDT, SGDT and SIDT move: limit, then base.
type TableRegister [10]byte

// MakeTableRegister returns the register's value for a table of n bytes at base.
//
//go:nosplit
func MakeTableRegister(base uint64, n uint16) (t TableRegister) {
	t[0], t[1] = byte(n-1), byte((n-1)>>8)
	for i := 0; i < 8; i++ {
		t[2+i] = byte(base >> (8 * i))
	}
	return t
}

// Base returns the table's linear address.
//
//go:nosplit
func (t *TableRegister) Base() (b uint64) {
	for i := 0; i < 8; i++ {
		b |= uint64(t[2+i]) << (8 * i)
	}
	return b
}

// Limit returns the offset of the table's last byte.
//
//go:nosplit
func (t *TableRegister) Limit() uint16 { return uint16(t[0]) | uint16(t[1])<<8 }

// LGDT loads the global descriptor table register.
//
//go:noescape
func LGDT(t *TableRegister)

// LIDT loads the interrupt descriptor table register.
//
//go:noescape
func LIDT(t *TableRegister)

// SGDT stores the global descriptor table register.
//
//go:noescape
func SGDT(t *TableRegister)

// SIDT stores the interrupt descriptor table register.
//
//go:noescape
func SIDT(t *TableRegister)

// LTR loads the task register; the descriptor becomes busy.
func LTR(sel uint16)

// STR reads the task register's selector.
func STR() uint16
