package apic

import (
	"sync/atomic"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Chip is one I/O APIC, as ACPI's MADT describes it.
type Chip struct {
	Addr addr.HPA
	GSI  uint32 // global system interrupt of its pin 0
}

// chip is a Chip in use.
type chip struct {
	window addr.HVA
	first  uint32 // GSI of pin 0
	pins   uint32
	busy   uint32 // 1 while index and window are in use; a golden image has 0
}

// maxChips is how many I/O APICs are driven.
const maxChips = 8

var (
	chips  [maxChips]chip
	nchips uint32
)

// Registers of an I/O APIC, and bits of a redirection entry. Intel 82093AA data sheet.
const (
	ioVersion = 1
	ioEntry   = 0x10

	rteLow    = 1 << 13
	rteLevel  = 1 << 15
	rteMasked = 1 << 16
)

// Data ports of the 8259 pair.
const (
	picMaster = 0x21
	picSlave  = 0xa1
)

// StartLines readies the I/O APICs with every pin masked, and silences the 8259
// pair. It returns how many of them are driven.
func StartLines(list []Chip) int {
	outb(picMaster, 0xff)
	outb(picSlave, 0xff)
	nchips = 0
	for _, l := range list {
		if nchips == maxChips {
			break
		}
		c := &chips[nchips]
		c.window, c.first, c.busy = l.Addr.HVA(), l.GSI, 0
		if c.pins = c.read(ioVersion)>>16&0xff + 1; c.pins > 120 {
			continue // nothing answers there
		}
		for pin := uint32(0); pin < c.pins; pin++ {
			c.write(ioEntry+2*pin, rteMasked)
			c.write(ioEntry+2*pin+1, 0)
		}
		nchips++
	}
	return int(nchips)
}

// Pins returns how many pins the I/O APIC has whose pin 0 is the given GSI, 0
// if there is none.
//
//go:nosplit
func Pins(first uint32) uint32 {
	if c, pin := find(first); c != nil && pin == 0 {
		return c.pins
	}
	return 0
}

// find returns the chip and pin of a GSI; nil: no chip has it.
//
//go:nosplit
func find(gsi uint32) (*chip, uint32) {
	for i := uint32(0); i < nchips && i < maxChips; i++ {
		if c := &chips[i]; gsi-c.first < c.pins {
			return c, gsi - c.first
		}
	}
	return nil, 0
}

// Route programs the pin of a GSI: its vector, the processor with APIC ID dest,
// how its line works. False: no I/O APIC has it, or it cannot reach dest.
//
//go:nosplit
func Route(gsi uint32, vector uint8, dest uint32, level, low, masked bool) bool {
	c, pin := find(gsi)
	if c == nil || dest > 0xff {
		return false
	}
	v := uint32(vector)
	if level {
		v |= rteLevel
	}
	if low {
		v |= rteLow
	}
	c.lock()
	c.write(ioEntry+2*pin, v|rteMasked) // no interrupt with half an entry
	c.write(ioEntry+2*pin+1, dest<<24)
	if !masked {
		c.write(ioEntry+2*pin, v)
	}
	c.unlock()
	return true
}

// Mask masks the pin of a GSI.
//
//go:nosplit
func Mask(gsi uint32) { change(gsi, 0, rteMasked) }

// Unmask unmasks the pin of a GSI. A level line that is asserted interrupts.
//
//go:nosplit
func Unmask(gsi uint32) { change(gsi, rteMasked, 0) }

//go:nosplit
func change(gsi, clear, set uint32) {
	c, pin := find(gsi)
	if c == nil {
		return
	}
	c.lock()
	c.write(ioEntry+2*pin, c.read(ioEntry+2*pin)&^clear|set)
	c.unlock()
}

// Read returns the redirection entry of a GSI.
//
//go:nosplit
func Read(gsi uint32) (entry uint64, ok bool) {
	c, pin := find(gsi)
	if c == nil {
		return 0, false
	}
	c.lock()
	entry = uint64(c.read(ioEntry+2*pin)) | uint64(c.read(ioEntry+2*pin+1))<<32
	c.unlock()
	return entry, true
}

//go:nosplit
func (c *chip) lock() {
	for !atomic.CompareAndSwapUint32(&c.busy, 0, 1) {
		x86.PAUSE()
	}
}

//go:nosplit
func (c *chip) unlock() { atomic.StoreUint32(&c.busy, 0) }

//go:nosplit
func (c *chip) read(reg uint32) uint32 {
	store32(c.window, reg)
	return load32(c.window + 0x10)
}

//go:nosplit
func (c *chip) write(reg, v uint32) {
	store32(c.window, reg)
	store32(c.window+0x10, v)
}
