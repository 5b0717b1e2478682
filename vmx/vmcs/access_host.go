//go:build !metal

package vmcs

// On a developer's machine the current VMCS is an array, so that exit handlers
// are ordinary Go under go test. All fields can be written there.
var current [1 << 15]uint64

// Refused and LastRefused are what the processor would not do; the array does all.
var Refused, LastRefused uint64

//go:nosplit
func read(enc uint64) uint64 { return current[enc&0x7fff] }

//go:nosplit
func write(enc, v uint64) { current[enc&0x7fff] = v }

// Forget zeroes the array between tests.
func Forget() { current = [1 << 15]uint64{} }

// Put gives a read-only field the value that a test's exit would leave in it.
func (f FieldNat) Put(v uint64) { write(uint64(f), v) }
