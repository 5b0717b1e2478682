// Package vmcs names what a virtual-machine control structure holds.
//
// The one idea: the width of a field is part of its type, so a 16-bit field
// cannot be read as 64 bits and the compiler, not a reviewer, says so.
//
// Manual: SDM Vol. 3C, chapters on the VMCS, VM exits and VM entries, and its
// appendix "Field Encoding in VMCS".
package vmcs

// Field encodings carry their width in bits 14:13.
// SDM Vol. 3C, "VMREAD, VMWRITE, and Encodings of VMCS Fields".
type (
	Field16  uint32 // width code 0
	Field64  uint32 // width code 1
	Field32  uint32 // width code 2
	FieldNat uint32 // width code 3: natural width, 64 bits for us
)

// Read returns the field of the current VMCS.
//
//go:nosplit
func (f Field16) Read() uint16 { return uint16(read(uint64(f))) }

// Write sets the field of the current VMCS.
//
//go:nosplit
func (f Field16) Write(v uint16) { write(uint64(f), uint64(v)) }

// Read returns the field of the current VMCS.
//
//go:nosplit
func (f Field32) Read() uint32 { return uint32(read(uint64(f))) }

// Write sets the field of the current VMCS.
//
//go:nosplit
func (f Field32) Write(v uint32) { write(uint64(f), uint64(v)) }

// Set sets bits of the field.
//
//go:nosplit
func (f Field32) Set(bits uint32) { write(uint64(f), read(uint64(f))|uint64(bits)) }

// Clear clears bits of the field.
//
//go:nosplit
func (f Field32) Clear(bits uint32) { write(uint64(f), read(uint64(f))&^uint64(bits)) }

// Read returns the field of the current VMCS.
//
//go:nosplit
func (f Field64) Read() uint64 { return read(uint64(f)) }

// Write sets the field of the current VMCS.
//
//go:nosplit
func (f Field64) Write(v uint64) { write(uint64(f), v) }

// Read returns the field of the current VMCS.
//
//go:nosplit
func (f FieldNat) Read() uint64 { return read(uint64(f)) }

// Write sets the field of the current VMCS.
//
//go:nosplit
func (f FieldNat) Write(v uint64) { write(uint64(f), v) }
