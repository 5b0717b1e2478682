package x86

// RDMSRSafe reads an MSR that may not exist; ok is false if the processor said
// #GP. Needs a #GP handler that asks Fixup.
func RDMSRSafe(m MSR) (v uint64, ok bool)

// WRMSRSafe writes an MSR that may refuse.
func WRMSRSafe(m MSR, v uint64) (ok bool)

// Fixup says where a handler of #GP continues when the fault was expected: the
// instruction at rip has a second way out. Nothing is pushed, no register changes.
func Fixup(rip uint64) (to uint64)
