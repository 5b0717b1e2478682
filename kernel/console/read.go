package console

// LogEnd returns the position after the newest byte of the log.
//
//go:nosplit
func LogEnd() uint64 { return state.LogEnd }

// ReadLog copies text of the log from a position on. The text ends before
// position next; it begins later than asked for if what was there is gone, and
// then at the start of a line.
//
//go:nosplit
func ReadLog(from uint64, buf []byte) (n int, next uint64) {
	s := lock()
	if from > s.LogEnd {
		from = s.LogEnd
	}
	if old := oldest(s); from < old {
		for from = old; from < s.LogEnd && s.Log[from%LogSize] != '\n'; from++ {
		}
		from++
	}
	for n < len(buf) && from < s.LogEnd {
		buf[n] = s.Log[from%LogSize]
		n++
		from++
	}
	unlock()
	return n, from
}

// text is a line of what the Go runtime prints, until it ends.
var text Line

// Write logs what is meant for a terminal, line by line: what the Go runtime
// prints when it dies. Pieces of a line may come one by one.
//
//go:nosplit
func Write(l Level, b []byte) {
	for i := 0; i < len(b); i++ {
		if b[i] != '\n' {
			text.level = l
			text.byte(b[i])
			continue
		}
		if text.n != 0 {
			text.End()
		}
		text.n = 0
	}
}
