// Command kvm is the init of a Linux that runs the probe guest under KVM.
//
// The one idea: the peer answers the same questions as we do, in the same
// emulator, with its own best means: everything that KVM can answer in the
// kernel is answered there.
package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

// What the initramfs holds beside this program.
const probeFile = "/probe.elf"

// modules are loaded in this order. Virtual APIC features are off: the
// emulator's posted-interrupt descriptor check is stricter than hardware's, and
// KVM then fails at its first entry.
var modules = []struct{ file, args string }{
	{"/irqbypass.ko", ""},
	{"/kvm.ko", ""},
	{"/kvm-intel.ko", "enable_apicv=0"},
}

func main() {
	if err := run(); err != nil {
		fmt.Println("PEER failed:", err)
	}
	time.Sleep(100 * time.Millisecond) // the serial line drains
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

func run() error {
	if err := os.MkdirAll("/dev", 0o755); err != nil {
		return err
	}
	if err := syscall.Mount("dev", "/dev", "devtmpfs", 0, ""); err != nil {
		return fmt.Errorf("mount /dev: %w", err)
	}
	for _, m := range modules {
		if err := loadModule(m.file, m.args); err != nil {
			return fmt.Errorf("load %s: %w", m.file, err)
		}
	}
	vm, err := newVM()
	if err != nil {
		return err
	}
	entry, err := vm.load(probeFile)
	if err != nil {
		return err
	}
	if err := vm.longMode(entry); err != nil {
		return err
	}
	return vm.run(os.Stdout)
}

// loadModule has the kernel load one module.
func loadModule(file, args string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return finitModule(f.Fd(), args)
}
