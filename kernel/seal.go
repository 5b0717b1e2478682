//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/apic"
	"perdure/kernel/pages"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

func goldenPoint() uint64
func reset()
func park()
func quiet()
func reenter()
func takeNMI()

// sparseSize is from where on an area of the runtime is a table that it reads
// all over and writes in a few places: its untouched pages share one frame.
const sparseSize = 512 << 10

// Golden is the top of a dispatcher's empty loop. Every processor's dispatcher
// calls it once; when all have, what the volatile memory holds becomes the
// golden copy, the instance is sealed, and Golden returns false. After every
// reset, Golden returns true on each processor, and nothing that was done since
// has happened, except in memory outside the instance's volatile pages.
func Golden() (again bool) {
	switch goldenPoint() {
	case 0:
		return false
	case goldenRefused:
		if This().index == 0 {
			die("the home of 40 MiB is too small for this many processors; start fewer with cpus=")
		}
		x86.Stop()
	}
	This().Guard.BP = 0
	if This().came != uint64(CameReset) || x86.RDMSR(x86.MSREFER)&x86.EFERSCE == 0 {
		systemCalls() // another instance's values were in the processor, or a guest's
	}
	return true
}

// seal takes the golden copy. All other processors stand in Golden; this is the
// first one, on its stack of system calls.
//
//go:nosplit
func seal() (result uint64) {
	m := mach()
	s, g := &m.space, &m.set.sets
	g.Zero = s.Alloc()
	ok := g.Zero != 0 && s.MapNew(logsAt, pages.RW) && s.MapNew(logsAt+addr.PageSize, pages.RW)
	g.Logs[0], g.Logs[1] = logsAt, logsAt+addr.PageSize
	for i := uint64(0); ok; i++ {
		a, more := personality.AreaAt(i)
		if !more {
			break
		}
		sparse := a.End-a.Start >= sparseSize && (a.End <= personality.HeapStart || a.Start >= personality.HeapEnd)
		ok = s.Fill(g, addr.HVA(a.Start), addr.HVA(a.End), sparse)
	}
	if !ok || !s.Take(g, addr.FixedBase, addr.FixedBase+fixedSize) {
		return goldenRefused
	}
	set := &m.set
	set.idt = m.idtSum()
	pcid := cr3(m) & 0xfff
	set.roots[0], set.roots[1] = uint64(g.Roots[0])|pcid, uint64(g.Roots[1])|pcid
	set.pristine = 1
	if apic.X2() {
		set.x2 = 1
	}
	if x86.Has(x86.FeatureTSCDeadline) {
		set.deadline = 1
	}
	set.apic = uint64(addr.HPA(x86.RDMSR(x86.MSRAPICBase) & pages.FrameMask).HVA())
	unprotect() // the tables lie in what is protected
	s.Protect(m.page.Home, m.page.Home+addr.HPA(m.page.HomeSize))
	protect()
	set.cr0, set.cr4 = x86.ReadCR0(), x86.ReadCR4()
	set.taken = 1
	return goldenTaken
}

// now returns the address space in use.
//
//go:nosplit
func (m *machine) now() (s pages.Space) {
	s = m.space
	if m.set.taken != 0 {
		s.Root = m.set.sets.Roots[m.set.active&1]
	}
	return s
}

// unprotect lets this processor write to pages that are not writable: the home,
// as the direct map has it once sealed. protect ends that.
//
//go:nosplit
func unprotect() { x86.WriteCR0(x86.ReadCR0() &^ x86.CR0WP) }

//go:nosplit
func protect() { x86.WriteCR0(x86.ReadCR0() | x86.CR0WP) }

// backSealed gives va a page of the pool.
//
//go:nosplit
func backSealed(m *machine, va addr.HVA) bool {
	lockSpace(m)
	unprotect()
	ok := m.space.Back(&m.set.sets, m.set.active, va)
	protect()
	atomic.StoreUint32(&m.busy, 0)
	x86.INVLPG(uintptr(va))
	return ok
}

// restoreActive is a reset that copies: the other set was not ready.
//
//go:nosplit
func restoreActive() {
	m := mach()
	g := &m.set.sets
	unprotect()
	m.set.copied = m.space.Restore(g, m.set.active, 0, g.Pages)
	m.space.Undo(g, m.set.active)
	protect()
}

// repairStep is how many pages one step of a repair looks at.
const repairStep = 32

// repair makes the next pages of the set that is not in use good again. It may
// be cut short anywhere: it only counts what is done.
//
//go:nosplit
func repair(m *machine) {
	set, g := &m.set, &m.set.sets
	if set.taken == 0 || set.pristine != 0 {
		return
	}
	unprotect()
	other := set.active ^ 1
	if set.repaired < g.Pages {
		m.space.Restore(g, other, set.repaired, set.repaired+repairStep)
		set.repaired += repairStep
	} else {
		m.space.Undo(g, other)
		set.pristine = 1
	}
	protect()
}

// Repair does a step of making the set of pages good again that a reset left,
// and reports whether there is nothing to do any more. Until then a reset costs more.
func Repair() (done bool) {
	private(callRepair, 0, 0)
	return mach().set.pristine != 0 || mach().set.taken == 0
}

// Last waits, on the first processor, until all others stand in Golden. What it
// does from then on to its own Golden is the last that the golden copy sees.
func Last() {
	for m := mach(); This().index == 0 && atomic.LoadUint64(&m.set.arrived)+1 < m.cpus; {
		x86.PAUSE()
	}
}

// Reset throws the volatile state of all processors away; Golden returns.
//
//go:nosplit
func Reset() {
	if mach().set.taken != 0 {
		reset()
	}
}

// Arm makes the next NMI that nobody has another use for a reset.
//
//go:nosplit
func Arm() { atomic.StoreUint64(&mach().set.armed, 1) }

// TakeNMI does what an NMI does; for one that ended a guest run, after which
// NMIs are blocked until an IRET. It reports whether nobody asked for it.
//
//go:nosplit
func TakeNMI() (unasked bool) {
	c := This()
	n := c.nmis
	takeNMI()
	return c.nmis != n
}

// ResetStats returns figures about resets.
func ResetStats() (s Stats) {
	m := mach()
	set := &m.set
	s = Stats{Pages: set.sets.Pages, Copies: set.sets.Copies, Resets: set.epoch, Switches: set.switches, Copied: set.copied, Copying: set.copying != 0, Stamp: set.stamp}
	for i := range CPUs() {
		s.Unasked += CPUAt(i).nmis
	}
	s.Home = HomeUsed()
	return s
}

// HomeUsed returns how many bytes of the home have been given out.
func HomeUsed() uint64 { return uint64(mach().space.Next - mach().page.Home) }

// KeepPage returns the physical address of the page that Keep is.
func KeepPage() addr.HPA { return addr.HPA(mach().space.Lookup(keepAt) & pages.FrameMask) }

// Twins returns memory of this instance's that a reset leaves alone, for second
// copies of what must not be lost. It is empty when the instance begins.
//
//go:nosplit
func Twins() *[TwinWords]uint64 { return twins() }

// Keep returns a page of this instance's that a reset leaves alone.
func Keep() *[addr.PageSize / 8]uint64 { return keep() }
