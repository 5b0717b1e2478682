//go:build !metal

package apic

import (
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// hostMachine is a machine off the metal.
type hostMachine interface {
	load32(addr.HVA) uint32
	store32(addr.HVA, uint32)
	rdmsr(x86.MSR) uint64
	wrmsr(x86.MSR, uint64)
	has(x86.Feature) bool
	rdtsc() uint64
}

// nowhere is a machine that takes everything and has nothing.
type nowhere struct{}

func (nowhere) load32(addr.HVA) uint32   { return 0 }
func (nowhere) store32(addr.HVA, uint32) {}
func (nowhere) rdmsr(x86.MSR) uint64     { return 0 }
func (nowhere) wrmsr(x86.MSR, uint64)    {}
func (nowhere) has(x86.Feature) bool     { return true }
func (nowhere) rdtsc() uint64            { return 0 }

// Off the metal the machine is whatever the tests put here.
var machine hostMachine = nowhere{}

func load32(a addr.HVA) uint32     { return machine.load32(a) }
func store32(a addr.HVA, v uint32) { machine.store32(a, v) }
func rdmsr(m x86.MSR) uint64       { return machine.rdmsr(m) }
func wrmsr(m x86.MSR, v uint64)    { machine.wrmsr(m, v) }
func has(f x86.Feature) bool       { return machine.has(f) }
func outb(port uint16, v uint8)    {}
func rdtsc() uint64                { return machine.rdtsc() }
func fence()                       {}

// serving is a local APIC that has vectors in service.
type serving struct {
	nowhere
	vectors map[uint8]bool
}

func (s serving) load32(a addr.HVA) (w uint32) {
	for v := range s.vectors {
		if a>>4 == regISR+addr.HVA(v>>5) {
			w |= 1 << (v & 31)
		}
	}
	return w
}

func (s serving) store32(a addr.HVA, _ uint32) {
	if a>>4 == regEOI {
		delete(s.vectors, InService())
	}
}

// Serve has vectors in service here, for tests, until its result is called.
func Serve(vectors ...uint8) (end func()) {
	s := serving{vectors: map[uint8]bool{}}
	for _, v := range vectors {
		s.vectors[v] = true
	}
	was := machine
	machine = s
	return func() { machine = was }
}
