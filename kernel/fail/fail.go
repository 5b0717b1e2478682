// Package fail is the end of an instance that cannot go on.
//
// The one idea: the first failure writes one line and an epitaph at a fixed
// place; every one calls the hook, which knows what to do about it.
package fail

import "sync/atomic"

// States of an instance, as its epitaph has them. 0 is an instance that has not
// booted.
const (
	NotBooted = iota
	Alive
	Failed
)

// TextSize is how much of the reason an epitaph keeps.
const TextSize = 224

// Epitaph is a page that the next hypervisor and whoever reads the memory of a
// dead one find at the same place of every home.
type Epitaph struct {
	Magic uint64 // EpitaphMagic
	State uint64
	CPU   uint64
	RIP   uint64
	Text  [TextSize]byte
}

// EpitaphMagic begins an epitaph: "EPITAPH".
const EpitaphMagic = 0x48504154495045

// OnFailure is called on every processor that fails, after the epitaph has been
// written for the first. The default stops the processor.
var OnFailure = stop

var (
	page *Epitaph
	dead uint32
)

// At makes p the epitaph of this instance and declares it alive.
//
//go:nosplit
func At(p *Epitaph) {
	p.Magic = EpitaphMagic
	p.State = Alive
	page = p
}

// Record writes the epitaph; it reports false if there is one already.
//
//go:nosplit
func Record(what string, cpu, rip uint64) bool {
	if !atomic.CompareAndSwapUint32(&dead, 0, 1) {
		return false
	}
	if p := page; p != nil {
		p.CPU, p.RIP = cpu, rip
		for i := 0; i < len(what) && i < TextSize; i++ {
			p.Text[i] = what[i]
		}
		p.State = Failed
	}
	return true
}

// Now ends the instance, or its volatile state: the hook is called, and nothing
// comes back.
//
//go:nosplit
func Now(what string, cpu, rip uint64) {
	Record(what, cpu, rip)
	End()
}

// End is Now without a record.
//
//go:nosplit
func End() {
	OnFailure()
	stop()
}

// Again declares an instance alive that has lost its volatile state, and with it
// the memory of having failed.
//
//go:nosplit
func Again() {
	if p := page; p != nil {
		p.State = Alive
	}
}
