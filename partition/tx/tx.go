// Package tx makes an exit a transaction.
//
// The one idea: a handler changes no kept word itself. It notes the changes in
// the VP's log, one store commits them together with the guest's next RIP, and
// applying a committed log twice is the same as applying it once.
package tx

// MaxEntries is the most words that one exit may change.
const MaxEntries = 24

// Ops of an entry, kept in the low bits of its address: words are 8-aligned.
const (
	opSet  = 0 // the word becomes Val
	opOr   = 1 // the bits of Val are set, atomically
	opAnd  = 2 // only the bits of Val stay, atomically
	opMask = 7
)

// Entry is one change of one 8-byte word of kept state.
type Entry struct {
	Addr uint64 // HVA in the direct map, which is the same in every instance; low bits: the op
	Val  uint64
}

// Log is the redo log of one exit; a kept record. At rest N is 0.
type Log struct {
	N uint64 // entries in use
	E [MaxEntries]Entry
}

// Reset drops what was noted and not committed.
//
//go:nosplit
func (l *Log) Reset() { l.N = 0 }

// Set notes that *p becomes v.
//
//go:nosplit
func (l *Log) Set(p *uint64, v uint64) { l.note(p, opSet, v) }

// Or notes that bits are set in *p.
//
//go:nosplit
func (l *Log) Or(p *uint64, bits uint64) { l.note(p, opOr, bits) }

// Clear notes that bits are cleared in *p.
//
//go:nosplit
func (l *Log) Clear(p *uint64, bits uint64) { l.note(p, opAnd, ^bits) }
