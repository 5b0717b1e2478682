package partition

import (
	"perdure/boot/acpi"
	"perdure/kernel/apic"
	"perdure/kernel/x86"
	"perdure/partition/pit"
)

// Root's 8254 is half the machine's. Counter 0, whose beats are the hypervisor's, is
// emulated, and interrupts through the I/O APIC alone; counters 1 and 2 and port 0x61, by
// which kernels measure clocks and make a sound, are the machine's. It has no HPET: in
// legacy mode that takes the line of the 8254 for itself.

// Values of VP.Wired.
const (
	wiredAll   = 1
	wiredTimer = 2
)

// Fields of the 8254's control word.
const (
	timerWhich    = 6 // shift: which counter, or timerReadBack
	timerReadBack = 3
	backFirst     = 1 << 1 // of a read-back: counter 0
	backOthers    = 3 << 2
)

// beatLine finds the line of the machine's 8254, to be taken from root.
func (h *Host) beatLine(m *acpi.Machine) {
	const isa = 0
	gsi, _ := m.Line(isa)
	if _, ok := apic.Read(gsi); ok && h.WatchLen != 0 && gsi < MaxLines && uint64(gsi) != h.ConsoleGSI {
		h.NMILine = uint64(gsi) + 1
	}
}

// rootTimer gives root its counter 0: as firmware leaves it, and nobody listens.
func (p *Partition) rootTimer() {
	if tab.Host.NMILine == 0 {
		return
	}
	p.PIT.Reset(tab.Host.TSCHz, x86.RDTSC())
	p.PIT.Deadline = 0
	p.VP(0).Wired = wiredTimer
}

// hasPIT reports whether an access to port is for an 8254 of p's.
//
//go:nosplit
func (p *Partition) hasPIT(port uint16) bool {
	return pit.Has(port) && (p.PC != 0 || p.Kind == Root && tab.Host.NMILine != 0)
}

// shared carries out what of an OUT by root concerns the machine's counters; ours reports
// whether val concerns the emulated one too, and how.
//
//go:nosplit
func shared(at uint16, val uint8) (own uint8, ours bool) {
	if at == timerData {
		return val, true
	}
	if at != timerControl {
		chip.out(at, val)
		return 0, false
	}
	switch val >> timerWhich {
	case 0:
		return val, true
	case timerReadBack:
		if val&backOthers != 0 {
			chip.out(at, val&^backFirst)
		}
		return val &^ backOthers, val&backFirst != 0
	}
	chip.out(at, val)
	return 0, false
}
