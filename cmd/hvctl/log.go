package main

import (
	"bytes"
	"flag"
	"fmt"
	"time"

	"perdure/cmd/internal/ask"
)

var cmdLog = command{
	name:  "log",
	short: "Print the hypervisor's log",
	long: `The log is kept in memory that a restart or a recovery of the hypervisor does not
touch, so it tells of them too. With --json every line is an object of its own.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		var o logOptions
		fs.BoolVar(&o.follow, "f", false, "go on with what is logged from now on")
		fs.IntVar(&o.last, "n", 0, "only the last `lines` lines")
		fs.DurationVar(&o.interval, "interval", 200*time.Millisecond, "with -f: `time` between two looks")
		return func(e *env, args []string) error { return logText(e, args, o) }
	},
}

type logOptions struct {
	follow   bool
	last     int
	interval time.Duration
	looks    int // with follow: stop after so many looks, if not 0
}

// logJSON is one line of "hvctl log --json".
type logJSON struct {
	Position uint64 `json:"position"` // of its first byte
	Text     string `json:"text"`
	Lost     uint64 `json:"lost,omitempty"` // bytes missing before it
}

// logReader cuts what the log ring gives into lines.
type logReader struct {
	caller  ask.Caller
	next    uint64 // position after what was read
	lost    uint64 // bytes lost before what was read
	partial []byte // a line whose end has not come yet
}

// lines reads all that is there now.
func (l *logReader) lines() (out []logJSON, err error) {
	for {
		from := l.next
		text, next, lost, err := ask.Log(l.caller, from)
		if err != nil || len(text) == 0 {
			return out, err
		}
		if l.next = next; lost > 0 {
			if from > 0 || len(l.partial) > 0 {
				l.lost += lost
			}
			l.partial = nil
		}
		pos := next - uint64(len(text)) - uint64(len(l.partial))
		rest := append(l.partial, text...)
		for {
			line, after, ok := bytes.Cut(rest, []byte("\n"))
			if !ok {
				break
			}
			out = append(out, logJSON{pos, string(bytes.TrimRight(line, "\r")), l.lost})
			pos, rest, l.lost = pos+uint64(len(line))+1, after, 0
		}
		l.partial = bytes.Clone(rest)
	}
}

func logText(e *env, args []string, o logOptions) error {
	if err := none(args); err != nil {
		return err
	}
	if o.last < 0 || o.interval <= 0 {
		return usageError("lines and interval are positive")
	}
	c, err := e.open()
	if err != nil {
		return err
	}
	r := &logReader{caller: c}
	for look := 1; ; look++ {
		lines, err := r.lines()
		if err != nil {
			return err
		}
		if look == 1 && o.last > 0 {
			lines = lines[max(0, len(lines)-o.last):]
		}
		for _, l := range lines {
			if e.json {
				err = e.emitLine(l)
			} else {
				if l.Lost > 0 {
					fmt.Fprintf(e.out, "... %d bytes lost\n", l.Lost)
				}
				_, err = fmt.Fprintln(e.out, l.Text)
			}
			if err != nil {
				return err
			}
		}
		if !o.follow || look == o.looks {
			return nil
		}
		time.Sleep(o.interval)
	}
}
