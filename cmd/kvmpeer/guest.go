package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"syscall"

	"perdure/cmd/internal/load"
	"perdure/cmd/internal/tables"
	"perdure/partition/abi"
)

// guest is a Linux under KVM, on the platform that Perdure gives its guests: the
// same addresses, lines and ACPI tables.
type guest struct {
	*VM
	name    string
	uart    uart
	exits   [exitMMIO + 1]int // by reason; the last one counts all others too
	enabled [2]byte           // ACPI's PM1 enable register
	done    chan struct{}     // closed when it has said its last word
	devices [abi.NumSlots]*device
}

// sleepEnable is SLP_EN in the upper byte of the PM1 control register.
const sleepEnable = 1 << 5

// newGuest makes a guest whose memory holds the kernel and all that goes with it.
func newGuest(name string, kernel, initrd []byte, memory int, cmdline string) (*guest, error) {
	vm, err := newVM(memory)
	if err != nil {
		return nil, err
	}
	g := &guest{VM: vm, name: name, done: make(chan struct{})}
	if err := hostTime(vm.vcpu); err != nil {
		return nil, fmt.Errorf("set the time-stamp counter: %w", err)
	}
	g.uart.g = g
	plan, err := load.Make(load.Request{Kernel: kernel, Initrd: initrd, Cmdline: cmdline, Memory: uint64(memory)})
	if err != nil {
		return nil, err
	}
	acpi := tables.Make(&abi.Config{Memory: uint64(memory), VPs: 1, Nets: 1, Disks: 1})
	for _, p := range append(plan.Pieces, load.Piece{At: abi.TablesAt, Data: acpi}) {
		copy(g.mem[p.At:], p.Data)
	}
	e := plan.Entry
	return g, setRegisters(g.vcpu, start{entry: e.RIP, rsi: e.RSI, rsp: e.RSP, cr3: e.CR3,
		gdt: e.GDT, gdtLimit: uint16(e.GDTLimit), cs: uint16(e.CS), ds: uint16(e.DS)})
}

// attach puts a device into a slot.
func (g *guest) attach(slot int, d *device) {
	d.line = uint32(abi.DeviceGSI + slot)
	g.devices[slot] = d
}

// raise gives an edge on a line; KVM takes it from any thread.
func (g *guest) raise(line uint32) {
	if err := raiseLine(g.vm, line); err != nil {
		fmt.Println("PEER failed:", g.name, "line", line, err)
	}
}

// run lets the guest run until it switches itself off.
func (g *guest) run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer func() { fmt.Println("PEER exits", g.name, g.exits) }()
	for {
		if err := runOnce(g.vcpu); err == syscall.EINTR {
			continue
		} else if err != 0 {
			return fmt.Errorf("%s: run: %w", g.name, err)
		}
		x := g.exit()
		g.exits[min(x.reason, exitMMIO)]++
		b := g.shared[x.offset:][:max(1, x.size)]
		switch {
		case x.reason == exitIO && x.port == abi.PM1Control && x.out && b[len(b)-1]&sleepEnable != 0:
			return nil
		case x.reason == exitIO && x.port == abi.ResetPort && x.out:
			return fmt.Errorf("%s has reset itself", g.name)
		case x.reason == exitIO:
			g.port(x, b)
		case x.reason == exitMMIO:
			g.memory(x, b)
		case x.reason == exitInterrupted:
		default:
			return fmt.Errorf("%s: unexpected exit %d", g.name, x.reason)
		}
	}
}

// port answers a port; where nothing is, ones are read.
func (g *guest) port(x exit, b []byte) {
	at := x.port - abi.SerialPort
	switch {
	case at < 8 && x.out:
		g.uart.write(at, b[0])
	case at < 8:
		b[0] = g.uart.read(at)
	case x.port == abi.PM1Event+2 && x.out:
		copy(g.enabled[:], b)
	case x.port == abi.PM1Event+2:
		copy(b, g.enabled[:])
	case !x.out && x.port >= abi.PM1Event && x.port < abi.PM1Control+2:
		clear(b)
	case !x.out:
		for i := range b {
			b[i] = 0xff
		}
	}
}

// memory answers an access where there is no memory.
func (g *guest) memory(x exit, b []byte) {
	at := x.at - abi.DeviceBase
	if !x.out {
		clear(b)
	}
	if at >= abi.NumSlots*abi.DeviceStride {
		return
	}
	d := g.devices[at/abi.DeviceStride]
	switch at %= abi.DeviceStride; {
	case d == nil && at == regMagic && !x.out:
		binary.LittleEndian.PutUint32(b, magic)
	case d == nil && at == regVersion && !x.out:
		b[0] = 2
	case d == nil:
	case x.out:
		d.write(at, b)
	default:
		d.read(at, b)
	}
}
