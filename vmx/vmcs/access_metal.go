//go:build metal

package vmcs

// read returns one field of the current VMCS. See access_amd64.s.
func read(enc uint64) uint64

// write sets one field of the current VMCS.
func write(enc, v uint64)

// Refused counts fields that the processor refused to read or write, and
// LastRefused names the last of them: always our own bug, found by tests.
var Refused, LastRefused uint64
