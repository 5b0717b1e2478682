// Package console shares one serial line between root and the hypervisor's log.
//
// The one idea: everybody only puts bytes into fixed memory; the line is fed
// from there whenever its UART is ready. So nobody waits, nothing allocates,
// and what was said outlives the one who said it.
//
// Root's bytes pass as they are. A line of the log, marked with Prefix, waits
// for the end of root's current line, but not long: then it goes onto a line of
// its own, and root's unfinished line is drawn again after it.
package console

import "sync/atomic"

// Sizes, powers of two where they are of rings.
const (
	LogSize  = 64 << 10 // bytes of the log that are kept
	outSize  = 8 << 10
	inSize   = 256
	lineSize = 160 // the longest unfinished line of root's that is drawn again
)

// State is all that the console must remember; a kept record. Positions count
// bytes since the start, so a ring's index is a position modulo its size.
//
// At rest: each tail is at most its ring's size ahead of its head.
type State struct {
	LogEnd  uint64 // position after the newest byte of the log
	Shown   uint64 // position in the log up to which the serial line has got it
	Skipped uint64 // bytes of the log that the serial line never got
	OutHead uint64 // bytes given to the UART
	OutTail uint64 // bytes put into Out
	Lost    uint64 // bytes that Out had no room for
	InHead  uint64 // bytes of input that root has got
	InTail  uint64
	KeyHead uint64 // keys that the hypervisor has seen
	KeyTail uint64
	Column  uint64 // bytes in root's unfinished line
	Since   uint64 // TSC value since which the log waits for that line's end, 0: it does not
	Focus   uint64 // who gets the input
	Escapes uint64 // escape keys in a row

	Keys [8]byte
	Line [lineSize]byte // root's unfinished line, its first bytes
	In   [inSize]byte   `kept:"ring=InTail"`
	Out  [outSize]byte  `kept:"ring=OutTail"`
	Log  [LogSize]byte  `kept:"ring=LogEnd"`
}

// Values of State.Focus.
const (
	focusRoot = 0
	focusOurs = 1
)

var (
	early  State         // until there is kept memory
	state  = &early      // written by Adopt only
	busy   atomic.Uint32 // processor that changes state, counted from 1; a golden image has 0
	hz     uint64        // TSC ticks in a second, 0: not known yet
	zero   uint64        // TSC value that the log counts from
	level  = Info        // levels up to this one go to the serial line
	prompt = true        // nobody drains yet: lines are sent before a call returns
)

// patience is how long one waits for the lock. A word in the log is not worth a
// hang: whoever holds the lock that long is dead.
const patience = 1 << 20

// OnWait is called again and again while a processor waits for another one. Package
// partition sets it, before an instance is sealed.
var OnWait = func() {}

// Self returns which processor it runs on, counted from 1; set as OnWait is.
var Self = func() uint32 { return 1 }

//go:nosplit
func lock() *State {
	me := Self()
	for i := 0; i < patience && !busy.CompareAndSwap(0, me); i++ {
		pause()
		OnWait()
	}
	return state
}

//go:nosplit
func unlock() { busy.Store(0) }

// Drop opens the lock if this processor has it, after a fault of ours that ended who had.
//
//go:nosplit
func Drop() { busy.CompareAndSwap(Self(), 0) }

// Adopt moves the console to kept memory. Warm: s is in use since an earlier
// instance, and what was logged until now is added to it. Else s is made a copy
// of what there is.
func Adopt(s *State, warm bool) {
	old := lock()
	if !warm {
		*s = *old
	} else {
		for p := oldest(old); p < old.LogEnd; p++ {
			s.log(old.Log[p%LogSize])
		}
		s.Shown = s.LogEnd - (old.LogEnd - old.Shown)
	}
	state = s
	unlock()
}

// SetClock tells the frequency of the TSC and the value at which time began.
func SetClock(perSecond, start uint64) { hz, zero = perSecond, start }

// SetLevel says which levels go to the serial line; the log gets all.
func SetLevel(l Level) { level = l }

// Begin tells that from now on Drain is called, so that nobody waits for the
// line any more.
func Begin() { prompt = false }

// put queues one byte for the line.
//
//go:nosplit
func (s *State) put(b byte) {
	if s.OutTail-s.OutHead >= outSize {
		s.Lost++
		return
	}
	s.Out[s.OutTail%outSize] = b
	s.OutTail++
}

// puts queues a string.
//
//go:nosplit
func (s *State) puts(t string) {
	for i := 0; i < len(t); i++ {
		s.put(t[i])
	}
}

// log adds one byte to the log.
//
//go:nosplit
func (s *State) log(b byte) {
	s.Log[s.LogEnd%LogSize] = b
	s.LogEnd++
}

// oldest returns the position of the oldest byte that the log still has.
//
//go:nosplit
func oldest(s *State) uint64 {
	if s.LogEnd > LogSize {
		return s.LogEnd - LogSize
	}
	return 0
}
