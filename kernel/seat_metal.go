//go:build metal

package kernel

import (
	"sync/atomic"

	"perdure/kernel/pages"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

func arrive()
func arriveBack()
func arriveExit()
func depart(cr3, rip, block uint64)

// mapSeat makes the pages of the seat and of the bridge.
//
//go:nosplit
func mapSeat(s *pages.Space) bool {
	if !s.MapNew(seatAt, pages.RW) || !s.MapNew(bridgeAt, pages.RW) {
		return false
	}
	reload(uint64(s.Root))
	put(bridgeAt, bridgeCode)
	return s.Map(bridgeAt, addr.HPA(s.Lookup(bridgeAt)&pages.FrameMask), pages.RX)
}

// bridgeCode is MOV AX, CR3 and JMP BX. It must be the same in all versions.
const bridgeCode = 0xe3ff_d8220f

// MakeSeat writes the seat, and returns its physical address; 0 if the instance has
// no pristine set, see Repair. exit is where its VM exits land. Until TakeSeat
// nobody may enter there.
func MakeSeat(exit uint64) addr.HPA {
	m := mach()
	set := &m.set
	if set.taken == 0 || set.pristine == 0 {
		return 0
	}
	s := seat()
	*s = Seat{}
	s.Version, s.CPUs = SeatVersion, m.cpus
	s.CR3 = set.roots[(set.active^1)&1]
	s.Arrive, s.Return, s.Exit, s.IDT = address(atArrive), address(atArriveBack), exit, uint64(idtAt)
	s.CS, s.SS, s.TR = selCode, selData, selTSS
	for i := uint64(0); i < m.cpus; i++ {
		c, p := cpuAt(block(i)), &s.CPU[i&(MaxCPUs-1)]
		p.Block, p.FS, p.GDT, p.TSS = c.self, c.gFS, c.gdt, c.tr
		p.Frame = c.self + frameAt
		put(addr.HVA(p.Frame), address(atArriveExit))
	}
	return SeatPage()
}

// TakeSeat makes the pristine set the one that the instance is entered in: the
// seat that MakeSeat wrote is taken. The caller goes on in the other set, for a few
// instructions: until it departs, or never runs again. It reports false if there is
// no pristine set any more, or none that the seat was made for.
//
//go:nosplit
func TakeSeat() bool {
	m := mach()
	set, s := &m.set, seat()
	if set.pristine == 0 || s.CR3 != set.roots[(set.active^1)&1] {
		return false
	}
	for i := uint64(0); i < m.cpus; i++ {
		c := cpuAt(block(i))
		c.came, c.gate = uint64(CameReset), gateNormal
	}
	set.pristine, set.repaired, set.parked, set.lead = 0, 0, 0, 0
	set.led = 1 // should it come back, the first processor repairs what is nobody's
	set.active ^= 1
	s.Magic = SeatMagic
	return true
}

// SeatPage returns the physical address of the page where the seat will be.
func SeatPage() addr.HPA {
	m := mach()
	return addr.HPA(m.space.Lookup(seatAt) & pages.FrameMask)
}

// Backed has a failure of this instance, which is about to be given the machine,
// lead back to the one whose seat is at a; until Confirmed.
func Backed(a addr.HPA) {
	set := &mach().set
	set.back = uint64(a.HVA())
	set.recovers = 1
}

// Confirmed says that this instance works: its failures are its own.
func Confirmed() { mach().set.back = 0 }

// Depart enters another instance by loading its state. It does not return.
//
//go:nosplit
func Depart(s *Seat, i uint64) {
	depart(s.CR3, s.Arrive, s.CPU[i&(MaxCPUs-1)].Block)
}

// FlushPCID forgets what this processor knows of another home's addresses.
//
//go:nosplit
func FlushPCID(cr3 uint64) {
	const one = 1 // INVPCID: all of one PCID
	if x86.ReadCR4()&x86.CR4PCIDE != 0 && hasINVPCID {
		x86.INVPCID(one, cr3&0xfff, 0)
	}
}

// hasINVPCID: found out at start.
var hasINVPCID bool

// Arrived returns how this processor came back from Golden, and forgets it.
//
//go:nosplit
func Arrived() Came {
	c := This()
	return Came(atomic.SwapUint64(&c.came, uint64(CameReset)))
}

// Host state that a VMCS is given to arrive in another instance.
//
//go:nosplit
func (s *Seat) Host(i uint64) HostState {
	c := &s.CPU[i&(MaxCPUs-1)]
	return HostState{
		CR0: x86.ReadCR0(), CR3: s.CR3, CR4: x86.ReadCR4(),
		FSBase: c.FS, GSBase: c.Block, TRBase: c.TSS, GDTRBase: c.GDT, IDTRBase: s.IDT,
		CS: uint16(s.CS), SS: uint16(s.SS), TR: uint16(s.TR),
	}
}

// SetAPICIDs tells the processors' IDs: those of the machine, once it is known
// that the next who enters is the machine and not whoever started us.
func SetAPICIDs(ids []uint32) {
	for i, id := range ids {
		cpuAt(block(uint64(i))).apicID = uint64(id)
	}
}
