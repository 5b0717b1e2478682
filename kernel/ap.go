//go:build metal

package kernel

import (
	"errors"
	"strconv"
	"sync/atomic"

	"perdure/kernel/apic"
	"perdure/kernel/pages"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// trampolineAt is the page below 1 MiB that other processors start in. What was
// there is put back.
const trampolineAt addr.HPA = 0x8000

// The last words of the trampoline in head.S, by offset from its end.
const (
	trampFar32 = 64 // u32 offset to which the page's address is added
	trampFar64 = 56 // the same
	trampGDTR  = 46 // the same
	trampCR3   = 40
	trampStack = 32
	trampBlock = 24
	trampEntry = 16
)

// Errors of StartAPs.
var (
	errNoRoom = errors.New("kernel: the home has no room for another processor")
	errMany   = errors.New("kernel: more than " + strconv.Itoa(MaxCPUs) + " processors")
)

// SDM Vol. 3A, "MP Initialization Protocol Algorithm for MP Systems".
const (
	initDelay = 10_000_000 // nanoseconds between INIT and SIPI
	sipiDelay = 200_000    // between two SIPIs
	startWait = 500_000_000
)

// StartAPs starts the processors with the given APIC IDs, one after the other;
// their INITs come first, since each must be followed by a wait.
// Each becomes the next processor and waits for threads of the runtime.
func StartAPs(ids []uint32) error {
	m := mach()
	saved := make([]byte, addr.PageSize)
	low := trampolineAt.HVA()
	x86.CopyBytes(uintptr(addressOf(&saved[0])), uintptr(low), addr.PageSize)
	x86.CopyBytes(uintptr(low), uintptr(m.page.Trampoline.HVA()), m.page.TrampolineSize)
	end := low + addr.HVA(m.page.TrampolineSize)
	for _, field := range []addr.HVA{trampFar32, trampFar64, trampGDTR} {
		put32(end-field, get32(end-field)+uint32(trampolineAt))
	}
	if private(callMap, uint64(trampolineAt), pages.RX) == 0 {
		return errNoRoom
	}
	for _, id := range ids {
		apic.SendINIT(id)
	}
	if len(ids) > 0 {
		wait(initDelay)
	}
	var err error
	for _, id := range ids {
		if err = startAP(m, id, end); err != nil {
			break
		}
	}
	private(callUnmap, uint64(trampolineAt), 0)
	x86.CopyBytes(uintptr(low), uintptr(addressOf(&saved[0])), addr.PageSize)
	return err
}

// startAP starts one processor. end is the end of the trampoline.
func startAP(m *machine, id uint32, end addr.HVA) error {
	i := m.cpus
	if i == MaxCPUs {
		return errMany
	}
	if private(callArea, i, 0) == 0 {
		return errNoRoom
	}
	fillArea(i, id)
	c := CPUAt(int(i))
	put(end-trampCR3, uint64(m.space.Root))
	put(end-trampStack, c.stack)
	put(end-trampBlock, c.self)
	put(end-trampEntry, address(atAP))
	page := uint8(trampolineAt >> addr.PageShift)
	apic.SendSIPI(id, page)
	if !c.waitStarted(sipiDelay) {
		apic.SendSIPI(id, page)
		if !c.waitStarted(startWait) {
			return errors.New("kernel: the processor with APIC ID " + strconv.FormatUint(uint64(id), 10) +
				" does not start; exclude it with the option cpus=")
		}
	}
	m.cpus = i + 1
	return nil
}

// wait spins for ns nanoseconds.
func wait(ns uint64) {
	for from := nanotime(); nanotime()-from < ns; {
		x86.PAUSE()
	}
}

// waitStarted waits for c to say that it runs.
func (c *CPU) waitStarted(ns uint64) bool {
	for from := nanotime(); nanotime()-from < ns; {
		if atomic.LoadUint64(&c.started) != 0 {
			return true
		}
		x86.PAUSE()
	}
	return false
}

// apStart is the first Go function of another processor, on its stack of system
// calls: it becomes like the first one, and takes threads of the runtime.
//
//go:nosplit
func apStart(c *CPU, fr *personality.Frame) {
	loadCPU(c.index)
	apic.Start(VectorTimer)
	atomic.StoreUint64(&c.started, 1)
	fr.CS, fr.SS = selCode, selData
	personality.Start(fr)
	handOver(fr)
}
