package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// powerSignals are how the first process is asked, by the name of the program
// that asks; the signals are those of other small inits.
var powerSignals = map[string]unix.Signal{
	"poweroff": unix.SIGUSR2,
	"halt":     unix.SIGUSR1,
	"reboot":   unix.SIGTERM,
}

// grace is how long processes have to end by themselves.
const grace = 500 * time.Millisecond

// ask sends the first process a signal and waits for the end.
func ask(name string, sig unix.Signal) {
	if err := unix.Kill(1, sig); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
	time.Sleep(time.Minute)
}

// powerOnSignal ends the system when it is asked to.
func powerOnSignal() {
	unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) // Ctrl-Alt-Del comes as SIGINT
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, unix.SIGUSR1, unix.SIGUSR2, unix.SIGTERM, unix.SIGINT)
	switch <-asked {
	case unix.SIGUSR1:
		end(unix.LINUX_REBOOT_CMD_HALT)
	case unix.SIGUSR2:
		end(unix.LINUX_REBOOT_CMD_POWER_OFF)
	default:
		end(unix.LINUX_REBOOT_CMD_RESTART)
	}
}

// end stops all processes, writes everything out, and ends the system.
func end(how int) {
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		unix.Kill(-1, sig)
		for limit := time.Now().Add(grace); family.reap() && time.Now().Before(limit); {
			time.Sleep(5 * time.Millisecond)
		}
	}
	unix.Sync()
	drain(openConsole())
	if err := unix.Reboot(how); err != nil {
		complain("reboot: %v", err)
	}
	select {}
}
