package console

import "sync/atomic"

// Level says how much a line of the log matters.
type Level uint64

// Levels.
const (
	_     Level = iota
	Note        // an answer to somebody: always shown
	Err         // something is broken
	Warn        // something is not as it should be
	Info        // what happens
	Debug       // how it happens
)

// Prefix marks the hypervisor's lines on the serial line.
const Prefix = "(hv) "

// String returns the word that the level has in the log.
//
//go:nosplit
func (l Level) String() string {
	switch l {
	case Note:
		return "note"
	case Err:
		return "error"
	case Warn:
		return "warn"
	case Info:
		return "info"
	}
	return "debug"
}

// lineMax is the most bytes of a log line.
const lineMax = 232

// Line is a line of the log that is being written. It lives in a fixed pool, so
// it may be left unfinished: the next one who gets it starts anew.
type Line struct {
	level Level
	n     uint64
	buf   [lineMax]byte
}

// pool has the lines that are being written; turn says whose turn is next.
var (
	pool [32]Line
	turn atomic.Uint64
)

// Say begins a line. Nobody sees it before End.
//
//go:nosplit
func Say(l Level) *Line {
	p := &pool[turn.Add(1)%uint64(len(pool))]
	p.level, p.n = l, 0
	return p
}

// Str adds text. Control characters become points: a line stays a line.
//
//go:nosplit
func (l *Line) Str(t string) *Line {
	for i := 0; i < len(t); i++ {
		l.byte(t[i])
	}
	return l
}

// Bytes adds text, which may come from anywhere.
//
//go:nosplit
func (l *Line) Bytes(b []byte) *Line {
	for i := 0; i < len(b); i++ {
		l.byte(b[i])
	}
	return l
}

//go:nosplit
func (l *Line) byte(c byte) {
	if c < ' ' || c == 0x7f {
		c = '.'
	}
	if n := l.n; n < lineMax {
		l.buf[n] = c
		l.n = n + 1
	}
}

// Hex adds v in hexadecimal.
//
//go:nosplit
func (l *Line) Hex(v uint64) *Line {
	l.byte('0')
	l.byte('x')
	s := uint(60)
	for s > 0 && v>>s == 0 {
		s -= 4
	}
	for ; s < 64; s -= 4 {
		l.byte("0123456789abcdef"[v>>s&15])
	}
	return l
}

// Dec adds v in decimal.
//
//go:nosplit
func (l *Line) Dec(v uint64) *Line {
	d := uint64(1)
	for v/d >= 10 {
		d *= 10
	}
	for ; d > 0; d /= 10 {
		l.byte(byte('0' + v/d%10))
	}
	return l
}

// End puts the line into the log and on its way to the serial line.
//
//go:nosplit
func (l *Line) End() {
	now := rdtsc()
	s := lock()
	s.stamp(now-zero, l.level)
	for i := uint64(0); i < l.n && i < lineMax; i++ {
		s.log(l.buf[i])
	}
	s.log('\n')
	if prompt {
		s.flush()
	} else {
		s.show(now)
		s.pump()
	}
	unlock()
}

// Errs puts one text into the log; Warns, Infos and Debugs likewise.
//
//go:nosplit
func Errs(t string) { Say(Err).Str(t).End() }

//go:nosplit
func Warns(t string) { Say(Warn).Str(t).End() }

//go:nosplit
func Infos(t string) { Say(Info).Str(t).End() }

//go:nosplit
func Debugs(t string) { Say(Debug).Str(t).End() }
