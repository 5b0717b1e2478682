package main

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// openConsole opens the terminal behind /dev/console, which itself cannot be a
// session's terminal. It is opened anew for each session: when one ends, all that
// was open of its terminal is hung up.
func openConsole() *os.File {
	name := "console"
	if active := strings.Fields(readFile("/sys/class/tty/console/active")); len(active) > 0 {
		name = active[len(active)-1]
	}
	for _, path := range []string{"/dev/" + name, "/dev/console", "/dev/null"} {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err == nil {
			return f
		}
		complain("%v", err)
	}
	return os.Stdin
}

// raw makes a terminal a line of bytes: no echo, no editing, no signals.
func raw(tty *os.File) {
	t, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		return // not a terminal
	}
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, t); err != nil {
		complain("console: %v", err)
	}
}

// cooked gives a terminal back what a shell that died has taken: echo, editing
// of lines, signals.
func cooked(tty *os.File) {
	t, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		return // not a terminal
	}
	t.Iflag |= unix.ICRNL | unix.IXON
	t.Oflag |= unix.OPOST | unix.ONLCR
	t.Lflag |= unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ICANON | unix.ISIG | unix.IEXTEN
	if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, t); err != nil {
		complain("console: %v", err)
	}
}

// drain waits until all that was written has left the machine.
func drain(tty *os.File) {
	unix.IoctlSetInt(int(tty.Fd()), unix.TCSBRK, 1)
}
