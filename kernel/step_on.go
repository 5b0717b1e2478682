//go:build metal && inject

package kernel

import (
	"perdure/kernel/pages"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/mm/addr"
)

func count()
func uncount()
func debugEntry() uint64
func spin()
func spinAt() uint64

// flagsNormal is what Golden returns with after a reset; flagTF more than that if
// instructions are to be counted from there.
const (
	flagsNormal = 2
	flagTF      = 1 << 8
)

// Enter is the beginning of a section, and Leave the end of any: a fault that is ordered
// for it is made so many instructions after its beginning.
//
//go:nosplit
func Enter(section uint64) {
	s := &This().Step
	switch {
	case s.Left == 0 || s.Reason != Section(section):
	case s.Each != 0 && s.Left != s.Each:
		s.Left = 0
	default:
		count()
	}
}

// Leave ends a section.
//
//go:nosplit
func Leave() { uncount() }

// stepped answers the trap of a single step: the last one makes the fault. It
// reports false if the interrupted code is to see it as an exception.
//
//go:nosplit
func stepped(fr *personality.Frame, fx uint64) (done bool) {
	c := This()
	s := &c.Step
	fr.RFLAGS &^= flagTF
	c.flags = flagsNormal
	if s.Left == 0 {
		return true
	}
	s.Left = 0
	kind := s.Kind
	if ends := kind == slipTell || kind == SlipHang || kind == SlipFail || kind == SlipReboot; ends && saving(fr.RIP) {
		Rescue(fr, addr.HVA(fx)) // the stub does not go on
	}
	if kind == slipTell {
		if s.Code != 0 { // nobody has noticed it yet
			mach().wrong()
		}
		return true
	}
	s.Count++
	s.Fired, s.At = x86.RDTSC(), fr.RIP
	if s.Again != 0 && kind != SlipTold {
		s.Left, s.Again, s.Reason = s.Again, 0, AnyReason-1
		c.flags |= flagTF
	}
	return slip(fr, s, kind)
}

// slip makes the fault.
//
//go:nosplit
func slip(fr *personality.Frame, s *Step, kind uint64) (done bool) {
	bit := uint64(1) << (s.Bit & 63)
	switch kind {
	case SlipStop:
		fr.RIP = 0
	case SlipRegister:
		slipRegister(fr, s.Target, bit)
	case SlipCode, SlipRot, SlipTold:
		if kind == SlipTold {
			s.tell(fr)
		}
		hpa := physical(addr.HVA(fr.RIP + s.Target%15))
		old := get(hpa.HVA()&^7) >> (hpa & 7 * 8) & 0xff
		poke(hpa, old^(1<<(s.Bit&7)))
		if kind != SlipRot {
			s.Code, s.Byte = uint64(hpa), old
		}
	case SlipDecay:
		m := mach()
		at := m.space.MendableAt(&m.set.sets, s.Target) + addr.HPA(s.Bit>>6&0xfff)
		poke(at, get(at.HVA()&^7)>>(at&7*8)&0xff^1<<(s.Bit&7))
	case SlipVolatile:
		m := mach()
		at := m.space.VolatileAt(&m.set.sets, s.Target%m.set.sets.Pages) + addr.HVA(s.Bit>>6&0xff8)
		put(at, get(at)^bit)
	case SlipKept:
		put(addr.HVA(s.Target), get(addr.HVA(s.Target))^bit)
	case SlipHang:
		fr.RIP = spinAt()
	case SlipPanic:
		fr.Kind, fr.Err = x86.VectorGP, 0
		return false
	case SlipFail:
		Fail("injected")
	case SlipReboot:
		Beyond(RebootAsked)
		Fail("injected")
	}
	return true
}

// slipRegister flips a bit of a register in a frame.
//
//go:nosplit
func slipRegister(fr *personality.Frame, n, bit uint64) {
	switch {
	case n < 15:
		at := addr.HVA(addressOf(fr)) + addr.HVA(8*n)
		put(at, get(at)^bit)
	case n == 15:
		fr.RSP ^= bit
	case n == 16:
		fr.RIP ^= bit
	default:
		fr.RFLAGS ^= bit & 0xffff &^ flagTF
	}
}

// physical returns where the code at an address lies.
//
//go:nosplit
func physical(at addr.HVA) addr.HPA {
	space := mach().now()
	return addr.HPA(space.Lookup(at)&pages.FrameMask) + addr.HPA(at&(addr.PageSize-1))
}

// poke writes a byte of code.
//
//go:nosplit
func poke(at addr.HPA, b uint64) {
	unprotect()
	word, shift := at.HVA()&^7, at&7*8
	put(word, get(word)&^(0xff<<shift)|b<<shift)
	protect()
}
