// Command hvinit is the first process of the root partition, and of guests.
//
// The one idea: after it has made a system out of a kernel and an archive, it
// has one of two jobs: keep a shell on the console, or serve hvrun there.
//
// Under the names poweroff, reboot and halt it asks the first process to end the
// system in that way.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// environ is what every process starts with.
var environ = []string{"PATH=/bin:/bbin", "HOME=/root", "TERM=vt100", "USER=root", "LANG=C"}

func main() {
	name := filepath.Base(os.Args[0])
	if sig, ok := powerSignals[name]; ok {
		ask(name, sig)
		return
	}
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "hvinit: this is the first process of a system; run as any other it does nothing")
		os.Exit(2)
	}
	mountAll()
	go powerOnSignal()
	cmdline := readFile("/proc/cmdline")
	loadModules(cmdline)
	watchButtons()
	at := findPlace()
	nameSystem(at)
	networkUp(cmdline)
	if at == inRoot {
		go keepDaemon()
	}
	if option(cmdline, "hvrun") == "1" {
		serveConsole(openConsole())
	}
	var guests []string
	if at == inRoot {
		console := openConsole()
		guests = startGuests(console)
		console.Close()
	}
	keepShell(banner(at, guests))
}

// option returns the value of name=value on a kernel command line; the last one
// counts.
func option(cmdline, name string) (value string) {
	for _, word := range strings.Fields(cmdline) {
		if v, ok := strings.CutPrefix(word, name+"="); ok {
			value = v
		}
	}
	return value
}

// readFile returns a small file's text, or nothing.
func readFile(name string) string {
	b, _ := os.ReadFile(name)
	return strings.TrimSpace(string(b))
}

// complain puts a line into the kernel's log; there may be no console yet.
func complain(format string, args ...any) {
	line := fmt.Sprintf("hvinit: "+format+"\n", args...)
	if os.WriteFile("/dev/kmsg", []byte("<4>"+line), 0) != nil {
		os.Stderr.WriteString(line)
	}
}

// kernelRelease is what uname -r prints.
func kernelRelease() string {
	var u syscall.Utsname
	if syscall.Uname(&u) != nil {
		return "?"
	}
	var s []byte
	for _, c := range u.Release {
		if c == 0 {
			break
		}
		s = append(s, byte(c))
	}
	return string(s)
}
