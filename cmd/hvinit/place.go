package main

import (
	"strings"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/call"
	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// place is what is below this system.
type place int

// Places.
const (
	onBare  place = iota // a machine without Perdure
	inRoot               // the root partition
	inGuest              // a guest partition
)

// findPlace asks the processor.
func findPlace() place {
	if !call.Here() {
		return onBare
	}
	if rights, _, _, _ := x86.CPUID(abi.LeafRights, 0); rights&abi.RightManage == 0 {
		return inGuest
	}
	return inRoot
}

// nameSystem gives the system its name: the kernel knows one from the word
// hostname= on its command line.
func nameSystem(at place) {
	if name := readFile("/proc/sys/kernel/hostname"); name != "" && name != "(none)" {
		return
	}
	unix.Sethostname([]byte([]string{"linux", "root", "guest"}[at]))
}

// nodeName is what the system is called.
func nodeName() string { return strings.TrimSpace(readFile("/proc/sys/kernel/hostname")) }
