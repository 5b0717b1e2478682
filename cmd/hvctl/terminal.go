package main

import (
	"bytes"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/ask"
)

// rawTerminal hands every key over at once. SIGHUP and the like end us by their
// default action; the shell sets its terminal anew then.
func rawTerminal(f *os.File) (restore func(), err error) {
	saved, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return nil, err
	}
	raw := *saved
	raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	raw.Oflag &^= unix.OPOST
	raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	raw.Cflag = raw.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, &raw); err != nil {
		return nil, err
	}
	return func() { unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, saved) }, nil
}

// Waits between two looks at what the guest says: short while it says something.
const (
	quickLook = 2 * time.Millisecond
	slowLook  = 30 * time.Millisecond
)

// converse shows what the guest says and types what the user does, until the
// user leaves or the guest is gone. All calls come from here: only this thread
// has the port.
func converse(e *env, l *line, typed <-chan []byte) error {
	var waiting []byte // typed, and not taken by the guest yet
	wait := quickLook
	for {
		text, err := l.said()
		if _, werr := e.out.Write(text); werr != nil {
			return werr
		}
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			n, err := ask.Type(l, l.id, waiting)
			if err != nil {
				return err
			}
			waiting = waiting[n:]
		}
		wait = min(2*wait, slowLook)
		if len(text) > 0 || len(waiting) > 0 {
			wait = quickLook
		}
		select {
		case more, ok := <-typed:
			if !ok {
				return nil
			}
			i := bytes.IndexByte(more, leaveKey)
			if i >= 0 {
				more = more[:i]
			}
			waiting = append(waiting, more...)
			if i >= 0 {
				return l.typed(waiting, time.Now().Add(time.Second))
			}
			wait = quickLook
		case <-time.After(wait):
		}
	}
}
