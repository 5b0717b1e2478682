package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"time"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guest"
	"perdure/partition/abi"
)

var cmdConsole = command{
	name:  "console",
	args:  " NAME",
	short: "Be the terminal of a guest",
	long: `What the guest said before comes first, as far as it is kept; then it is your
terminal, and Ctrl-] leaves it. Its serial port and its virtio console are one.

For scripts: --read prints what is kept and ends, --since POSITION what was said
from there on; with --json the answer has the position after it, for the next
time. --send types a text (\n, \r, \t, \x1b as in Go); --until waits for a pattern in
what is said from then on, and prints up to there.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		var o consoleOptions
		fs.BoolVar(&o.read, "read", false, "print what the guest said, and end")
		fs.StringVar(&o.since, "since", "0", "from this `position` on, or \"end\"")
		fs.StringVar(&o.send, "send", "", "type this `text`")
		fs.StringVar(&o.until, "until", "", "wait until it says this `pattern`")
		fs.DurationVar(&o.timeout, "timeout", time.Minute, "with --until: the longest `time` to wait")
		return func(e *env, args []string) error { return console(e, args, o) }
	},
}

type consoleOptions struct {
	read               bool
	since, send, until string
	timeout            time.Duration
}

// consoleJSON is the answer of "hvctl console --read --json".
type consoleJSON struct {
	Text     string `json:"text"`
	Position uint64 `json:"position"` // after it
	Lost     uint64 `json:"lost"`     // bytes before it that are no longer kept
}

// line is a guest's console as we hold it.
type line struct {
	*host
	id   uint32
	next uint64 // position of what it says next
	lost uint64
}

func console(e *env, args []string, o consoleOptions) error {
	name, h, err := e.one(args)
	if err != nil {
		return err
	}
	p, err := h.Find(name)
	if err != nil {
		return err
	}
	l := &line{host: h, id: p.ID}
	if err := l.from(o.since); err != nil {
		return err
	}
	if !o.read && o.send == "" && o.until == "" {
		if e.in == nil || !isTerminal(e.in) {
			return usageError("this is no terminal; --read prints what the guest said")
		}
		return attach(e, l, name)
	}
	return script(e, l, o)
}

// from sets where to begin.
func (l *line) from(since string) (err error) {
	if since == "end" {
		_, l.next, _, err = ask.Said(l, l.id, abi.FromEnd)
		return err
	}
	l.next, err = strconv.ParseUint(since, 0, 64)
	if err != nil {
		return usageError(fmt.Sprintf("--since %s: it is a number, or end", since))
	}
	return nil
}

// said returns all that has been said since the last time.
func (l *line) said() (all []byte, err error) {
	for {
		text, next, lost, err := ask.Said(l, l.id, l.next)
		if errors.Is(err, abi.ErrNone) {
			err = fmt.Errorf("the guest is gone: %w", guest.ErrNone)
		}
		if err != nil || len(text) == 0 {
			return all, err
		}
		all, l.next, l.lost = append(all, text...), next, l.lost+lost
	}
}

// typed types all of text, however slowly the guest reads.
func (l *line) typed(text []byte, end time.Time) error {
	for len(text) > 0 {
		n, err := ask.Type(l, l.id, text)
		if err != nil {
			return err
		}
		if text = text[n:]; len(text) == 0 {
			break
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w: the guest does not read what is typed, %d bytes are left", guest.ErrTimeout, len(text))
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// script reads, types and waits without a terminal.
func script(e *env, l *line, o consoleOptions) error {
	var pattern *regexp.Regexp
	send, err := strconv.Unquote(`"` + o.send + `"`)
	if err != nil {
		return usageError("--send: the text is not as in Go")
	}
	if o.until != "" {
		if pattern, err = regexp.Compile("(?m)" + o.until); err != nil {
			return usageError("--until: " + err.Error())
		}
	}
	end := time.Now().Add(o.timeout)
	if err := l.typed([]byte(send), end); err != nil {
		return err
	}
	var text []byte
	var failed error
	for o.read || pattern != nil {
		more, err := l.said()
		if err != nil {
			return err
		}
		text = append(text, more...)
		if pattern == nil || pattern.Match(text) {
			break
		}
		if time.Now().After(end) {
			failed = fmt.Errorf("%w: it did not say %q in %v", guest.ErrTimeout, o.until, o.timeout)
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if e.json {
		err = e.emit(consoleJSON{string(text), l.next, l.lost})
	} else {
		_, err = e.out.Write(text)
	}
	return errors.Join(failed, err)
}

// leaveKey is Ctrl-].
const leaveKey = 0x1d

// attach makes the user's terminal that of the guest.
func attach(e *env, l *line, name string) error {
	fmt.Fprintf(e.err, "%s; Ctrl-] leaves\n", name)
	restore, err := rawTerminal(e.in)
	if err != nil {
		return err
	}
	defer restore()
	err = converse(e, l, keys(e.in))
	fmt.Fprintf(e.err, "\r\nleft %s\r\n", name)
	return err
}

// keys hands over what is typed; the channel ends with the input.
func keys(from *os.File) <-chan []byte {
	typed := make(chan []byte)
	go func() {
		defer close(typed)
		for {
			buf := make([]byte, 256)
			n, err := from.Read(buf)
			if err != nil || n == 0 {
				return
			}
			typed <- buf[:n]
		}
	}()
	return typed
}
