package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
)

var machineTest = test{"machine", "read PCI configuration, RTC and keyboard controller through their ports", func(*flag.FlagSet) func(*report) {
	return machine
}}

// Ports of the PC.
const (
	portPCIAddress = 0xcf8
	portPCIData    = 0xcfc
	portRTCIndex   = 0x70
	portRTCData    = 0x71
	portKeyStatus  = 0x64
)

func machine(r *report) {
	lock()
	if !r.error("ports", unix.Iopl(3)) {
		return
	}
	pci(r)
	rtc(r)
	status := x86.IN8(portKeyStatus)
	r.value("machine.keyboard_status", fmt.Sprintf("%#02x", status))
	r.check(status != 0xff, "there is no keyboard controller")
	r.value("machine.port_80", "write") // the usual delay of old drivers must go through
	x86.OUT8(0x80, 0)
}

// pciConfig reads 4 bytes of configuration by mechanism #1. PCI Local Bus
// Specification, "Configuration Mechanism #1".
func pciConfig(bus, dev, fn, reg uint32) uint32 {
	x86.OUT32(portPCIAddress, 1<<31|bus<<16|dev<<11|fn<<8|reg&^3)
	return x86.IN32(portPCIData)
}

// pci compares what the ports say with what the kernel says.
func pci(r *report) {
	devices, _ := filepath.Glob("/sys/bus/pci/devices/*")
	r.value("machine.pci_devices", len(devices))
	r.check(len(devices) > 0, "there are no PCI devices")
	for _, path := range devices {
		var domain, bus, dev, fn uint32
		if _, err := fmt.Sscanf(filepath.Base(path), "%x:%x:%x.%x", &domain, &bus, &dev, &fn); !r.error(path, err) {
			continue
		}
		config, err := os.ReadFile(filepath.Join(path, "config"))
		if !r.error(path, err) || !r.check(len(config) >= 16, "%s: configuration of %d bytes", path, len(config)) {
			continue
		}
		id, class := pciConfig(bus, dev, fn, 0), pciConfig(bus, dev, fn, 8)
		r.check(id == binary.LittleEndian.Uint32(config) && class == binary.LittleEndian.Uint32(config[8:]),
			"%s: by ports %#x %#x, by the kernel %x", filepath.Base(path), id, class, config[:12])
	}
	r.check(pciConfig(0, 31, 7, 0) == 0xffffffff || len(devices) > 30, "a device that is not there answers")
}

// rtc reads the clock through its ports and compares it with the kernel's reading.
func rtc(r *report) {
	f, err := os.Open("/dev/rtc0")
	if !r.error("RTC", err) {
		return
	}
	defer f.Close()
	cmos := func(reg uint8) uint8 {
		x86.OUT8(portRTCIndex, reg)
		return x86.IN8(portRTCData)
	}
	for try := 0; ; try++ {
		t, err := unix.IoctlGetRTCTime(int(f.Fd()))
		if !r.error("RTC", err) {
			return
		}
		raw := []byte{cmos(0), cmos(2), cmos(4)}
		bcd := cmos(0x0b)&4 == 0 // status register B: binary or BCD
		got := make([]int, 3)
		for i, b := range raw {
			if got[i] = int(b & 0x7f); bcd {
				got[i] = int(b>>4&7)*10 + int(b&15)
			}
		}
		if got[0] == int(t.Sec) && got[1] == int(t.Min) && got[2] == int(t.Hour) {
			r.value("machine.rtc", fmt.Sprintf("%02d:%02d:%02d", got[2], got[1], got[0]))
			return
		}
		if try == 5 { // more than a second passing in between, five times
			r.check(false, "RTC by ports %x, by the kernel %02d:%02d:%02d", raw, t.Hour, t.Min, t.Sec)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}
