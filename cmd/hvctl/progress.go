package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// progress tells of something that takes longer than a second how far it is: on
// a terminal in one line that changes, elsewhere by a line now and then.
type progress struct {
	to       io.Writer
	what     string // begins the line
	terminal bool
	begin    time.Time
	last     time.Time
	drawn    bool
}

// Times of a progress.
const (
	progressAfter = time.Second
	progressDraw  = 100 * time.Millisecond
	progressLine  = 5 * time.Second
)

func newProgress(to io.Writer, what string) *progress {
	f, ok := to.(*os.File)
	return &progress{to: to, what: what, terminal: ok && isTerminal(f), begin: time.Now()}
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// report is what guest.Host calls.
func (p *progress) report(step string, done, all uint64) {
	now, gap := time.Now(), progressLine
	if p.terminal {
		gap = progressDraw
	}
	if now.Sub(p.begin) < progressAfter || now.Sub(p.last) < gap || all == 0 {
		return
	}
	p.last, p.drawn = now, true
	line := fmt.Sprintf("%s: %s, %d %%", p.what, step, 100*min(done, all)/all)
	if p.terminal {
		fmt.Fprintf(p.to, "\r\x1b[K%s", line)
	} else {
		fmt.Fprintln(p.to, line)
	}
}

// end takes the line away.
func (p *progress) end() {
	if p.drawn && p.terminal {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
