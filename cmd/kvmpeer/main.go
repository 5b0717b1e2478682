// Command kvmpeer is the init of a Linux that runs guests under KVM, to be
// compared with: the probe, and the Linux guests that "make bench" measures.
//
// The one idea: the peer answers the same questions as we do, in the same
// emulator, with its own best means. Everything that KVM can answer in the kernel
// is answered there, and what is left this program answers in the shortest way:
// in the guest's own thread, by one copy.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

// What the initramfs holds beside this program, and the parameter of KVM's that
// says how much too early it sets a timer.
const (
	probeFile   = "/probe.elf"
	advanceFile = "/sys/module/kvm/parameters/lapic_timer_advance_ns"
)

// settings are the ways in which KVM is asked. Virtual APIC features are off in
// each: the emulator's check of the posted-interrupt descriptor is stricter than
// hardware's, and KVM then fails at its first entry.
//
// As it comes, KVM sets a guest's timer early and waits for the moment inside
// the host, so that the guest's lateness does not show what a wake-up takes.
// The second setting takes that away.
var settings = []struct{ name, advance, args string }{
	{"kvm", "-1", "enable_apicv=0"},
	{"kvm-exact", "0", "enable_apicv=0 preemption_timer=0"},
}

// quiet keeps the Go runtime from sending signals to the guests' threads, which
// would end their turns.
const quiet = "GODEBUG=asyncpreemptoff=1"

func main() {
	if os.Getenv("GODEBUG") == "" {
		fmt.Println("PEER failed:", syscall.Exec("/init", []string{"/init"}, append(os.Environ(), quiet)))
	}
	debug.SetGCPercent(-1) // nothing but guests shall run here
	runtime.GOMAXPROCS(8)  // and each of them in a thread that the runtime does not miss
	if err := run(); err != nil {
		fmt.Println("PEER failed:", err)
	}
	time.Sleep(100 * time.Millisecond) // the serial line drains
	_ = syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

func run() error {
	for dir, kind := range map[string]string{"/dev": "devtmpfs", "/sys": "sysfs"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount("none", dir, kind, 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	for _, file := range []string{"/irqbypass.ko", "/kvm.ko"} {
		if err := loadModule(file, ""); err != nil {
			return err
		}
	}
	if _, err := os.Stat(kernelFile); err == nil {
		if err := loadModule("/kvm-intel.ko", settings[0].args); err != nil {
			return err
		}
		return linuxes()
	}
	for _, set := range settings {
		if err := os.WriteFile(advanceFile, []byte(set.advance), 0); err != nil {
			return err
		}
		if err := loadModule("/kvm-intel.ko", set.args); err != nil {
			return err
		}
		fmt.Println("PEER", set.name)
		if err := measure(); err != nil {
			return err
		}
		if err := deleteModule("kvm_intel"); err != nil {
			return err
		}
	}
	return nil
}

// measure runs the probe once.
func measure() error {
	vm, err := newVM(probeMemory)
	if err != nil {
		return err
	}
	defer vm.close()
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
	if err := finitModule(f.Fd(), args); err != nil {
		return fmt.Errorf("load %s: %w", file, err)
	}
	return nil
}
