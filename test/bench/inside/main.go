// Command inside is the first process of a Linux guest that is measured.
//
// The one idea: the guest measures itself by the time-stamp counter, and the
// same file does it under Perdure, under KVM and on the bare machine. The word
// role= of the kernel's command line says what it does; each answer is a line
// "RESULT name value".
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"perdure/test/bench/tsc"
)

// roles are what a guest may be there for.
var roles = map[string]func() error{
	"boot":    boot,
	"read":    read,
	"send":    send,
	"receive": receive,
	"kexec":   kexec,
}

// begun is the time of our own beginning.
var begun uint64

func main() {
	begun = tsc.Read()
	if err := mount(); err != nil {
		fmt.Println("RESULT failed", err)
	}
	role := word("role")
	fmt.Println("RESULT role", role)
	if err := began(begun); err != nil {
		fmt.Println("RESULT failed", err)
	}
	if work := roles[role]; work != nil {
		if err := work(); err != nil {
			fmt.Println("RESULT failed", role, err)
		}
	}
	fmt.Println("RESULT end", role)
	time.Sleep(50 * time.Millisecond) // the serial line drains
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

func mount() error {
	for dir, kind := range map[string]string{"/dev": "devtmpfs", "/sys": "sysfs", "/proc": "proc"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("none", dir, kind, 0, ""); err != nil && err != syscall.EBUSY {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	return nil
}

// word returns the value of name=value on the kernel's command line.
func word(name string) string {
	text, _ := os.ReadFile("/proc/cmdline")
	for _, w := range strings.Fields(string(text)) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return ""
}

// began prints when the kernel began, as far as it was stamped, and how long it
// took to this process. A stamp may be the lower half only.
func began(start uint64) error {
	zero, err := os.ReadFile("/sys/kernel/boot_params/data")
	if err != nil {
		return err
	}
	stamp := binary.LittleEndian.Uint64(zero[tsc.StampAt:])
	fmt.Println("RESULT kernel.first", stamp)
	fmt.Println("RESULT kernel.boot", uint32(start-stamp))
	return nil
}

func boot() error { return nil }

// load has the kernel load the modules of some drivers, in this order.
func load(names ...string) error {
	for _, n := range names {
		f, err := os.Open("/lib/modules/" + n + ".ko")
		if os.IsNotExist(err) {
			continue // it may be built in, and what needs it would say so
		}
		if err != nil {
			return err
		}
		_, _, e := syscall.Syscall(sysFinitModule, f.Fd(), uintptrOf("\x00"), 0)
		f.Close()
		if e != 0 && e != syscall.EEXIST {
			return fmt.Errorf("load %s: %w", n, e)
		}
	}
	return nil
}
