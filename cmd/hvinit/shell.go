package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// shells are tried in this order.
var shells = []string{"/bbin/gosh", "/bin/sh"}

// banner says where the user is and what to do there.
func banner(at place, guests []string) string {
	text := fmt.Sprintf("Linux %s, %d processor(s), a u-root system in memory: nothing here is kept.\n", kernelRelease(), runtime.NumCPU())
	const off = "  poweroff     ends it\n\n"
	switch at {
	case inGuest:
		return "\nThis is " + nodeName() + ", a guest partition of Perdure.\n" + text + off
	case onBare:
		return "\n" + text + "Perdure is not below this system.\n" + off
	}
	return "\nThis is the root partition of Perdure.\n" + text + `  hvctl info   what is below this system      hvctl top    what it is doing
  hvctl log    what it has said               hvctl help   all commands
` + off + guestsLine(guests)
}

// guestsLine says which guests run and how to get to them.
func guestsLine(guests []string) string {
	switch len(guests) {
	case 0:
		return ""
	case 1:
		return "A guest runs: " + guests[0] + ". Attach to its console: hvctl console " + guests[0] + "  (Ctrl-] leaves it)\n\n"
	}
	return fmt.Sprintf("%d guests run: %s. Attach to a console: hvctl console %s  (Ctrl-] leaves it)\n\n", len(guests), strings.Join(guests, ", "), guests[0])
}

// keepShell keeps a shell on the console for ever: one that has ended, by its
// user's wish or by Ctrl-C, is followed by the next.
func keepShell(text string) {
	for ; ; text = "" {
		tty := openConsole()
		tty.WriteString(text)
		session(tty)
		tty.Close()
		time.Sleep(200 * time.Millisecond) // a shell that ends at once must not eat a processor
	}
}

// session runs one shell to its end.
func session(tty *os.File) {
	cooked(tty)
	attr := &syscall.ProcAttr{
		Dir: "/root", Env: environ, Files: []uintptr{tty.Fd(), tty.Fd(), tty.Fd()},
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0},
	}
	for _, shell := range shells {
		_, ended, err := family.start(shell, []string{shell}, attr)
		if err == nil {
			<-ended
			return
		}
		complain("%s: %v", shell, err)
	}
}
