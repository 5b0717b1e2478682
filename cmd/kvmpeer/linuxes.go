package main

import (
	"fmt"
	"os"

	"perdure/partition/abi"
)

// What the initramfs holds for Linux guests: an unpacked kernel, their initramfs,
// and a disk.
const (
	kernelFile = "/vmlinux"
	initrdFile = "/guest.cpio"
	diskPath   = "/disk"
	turnsFile  = "/turns.elf"

	guestMemory = 256 << 20
	pairMemory  = 128 << 20
	tinyMemory  = 64 << 20
	words       = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests GODEBUG=asyncpreemptoff=1 rdinit=/inside role="
)

// maker makes guests of one kernel and initramfs.
type maker struct{ kernel, initrd []byte }

func (m maker) guest(role string, memory int) (*guest, error) {
	g, err := newGuest(role, m.kernel, m.initrd, memory, words+role)
	if err != nil {
		return nil, fmt.Errorf("guest %s: %w", role, err)
	}
	return g, nil
}

// linuxes runs one guest after another, and then two that talk to each other.
func linuxes() error {
	var m maker
	for file, to := range map[string]*[]byte{kernelFile: &m.kernel, initrdFile: &m.initrd} {
		var err error
		if *to, err = os.ReadFile(file); err != nil {
			return err
		}
	}
	fmt.Println("PEER linuxes")
	for _, one := range []func(maker) error{boots, talk, turns} {
		if err := one(m); err != nil {
			return err
		}
	}
	fmt.Println("PEER done")
	return nil
}

// boots boots a guest, which then reads from its disk.
func boots(m maker) error {
	g, err := m.guest("read", guestMemory)
	if err != nil {
		return err
	}
	defer g.close()
	f, err := os.OpenFile(diskPath, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	g.attach(abi.SlotDisk, newDisk(g, int(f.Fd()), st.Size()))
	return g.run()
}

func talk(m maker) error {
	var w wire
	ends := make(chan error, 2)
	for i, role := range []string{"receive", "send"} {
		g, err := m.guest(role, pairMemory)
		if err != nil {
			return err
		}
		g.attach(abi.SlotNet, w.plug(g, i))
		go func() { ends <- g.run() }()
	}
	if err := <-ends; err != nil {
		return err
	}
	return <-ends
}

// turns runs two guests that want the processor for themselves, and then the probe
// beside them.
func turns(maker) error {
	spinner, err := os.ReadFile(turnsFile)
	if err != nil {
		return err
	}
	probe, err := os.ReadFile(probeFile)
	if err != nil {
		return err
	}
	var pair []*guest
	for _, name := range []string{"turn-a", "turn-b"} {
		g, err := newGuest(name, spinner, nil, tinyMemory, "")
		if err != nil {
			return err
		}
		pair = append(pair, g)
	}
	for _, g := range pair {
		go g.run() // to the end of all
	}
	for _, g := range pair {
		<-g.done
	}
	g, err := newGuest("wakeup", probe, nil, tinyMemory, "")
	if err != nil {
		return err
	}
	return g.run()
}
