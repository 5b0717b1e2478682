package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"perdure/cmd/internal/call"
)

// shells are tried in this order.
var shells = []string{"/bbin/gosh", "/bin/sh"}

func banner() string {
	text := fmt.Sprintf("\nLinux %s, %d processor(s), a u-root system in memory: nothing here is kept.\n", kernelRelease(), runtime.NumCPU())
	if !call.Here() {
		return text + "Perdure is not below this system.\n  poweroff     ends it\n\n"
	}
	return "\nThis is the root partition of Perdure." + text + `  hvctl info   what is below this system      hvctl top    what it is doing
  hvctl log    what it has said               hvctl help   all commands
  poweroff     ends it

`
}

// keepShell keeps a shell on the console for ever: one that has ended, by its
// user's wish or by Ctrl-C, is followed by the next.
func keepShell() {
	for text := banner(); ; text = "" {
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
