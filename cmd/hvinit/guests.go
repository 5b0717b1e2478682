package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	manager  = "/bin/hvctl"
	guestDir = "/etc/guests" // a guest file here is a guest that is started with the system
)

// again is how long a daemon that has ended is mourned.
const again = time.Second

// keepDaemon keeps the process that serves guests' disks and starts those again
// that reset themselves. What it says goes to the kernel's log.
func keepDaemon() {
	log, err := os.OpenFile("/dev/kmsg", os.O_WRONLY, 0)
	if err != nil {
		complain("%v", err)
		return
	}
	for {
		attr := &syscall.ProcAttr{Dir: "/", Env: environ, Files: []uintptr{0, log.Fd(), log.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true}}
		_, ended, err := family.start(manager, []string{manager, "serve"}, attr)
		if err != nil {
			complain("%s: %v", manager, err)
			return
		}
		status := exitStatus(<-ended)
		complain("hvctl serve has ended with status %d", status)
		if status == 2 { // its usage: it is an older one and serves nothing
			return
		}
		time.Sleep(again)
	}
}

// startGuests starts what there are guest files for, and returns the names of
// those that run.
func startGuests(console *os.File) (names []string) {
	files, _ := filepath.Glob(guestDir + "/*.toml")
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		attr := &syscall.ProcAttr{Dir: "/", Env: environ, Files: []uintptr{0, console.Fd(), console.Fd()}, Sys: &syscall.SysProcAttr{Setsid: true}}
		_, ended, err := family.start(manager, []string{manager, "create", "--start", file}, attr)
		switch {
		case err != nil:
			complain("guest %s: %v", name, err)
		case exitStatus(<-ended) == 0:
			names = append(names, name)
		}
	}
	return names
}
