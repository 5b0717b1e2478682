//go:build metal && inject

package kernel

import (
	"perdure/kernel/personality"
	"perdure/mm/addr"
)

// A fault of kind SlipTold is told of as comparing would tell of it, at the best time there
// is: after so many instructions more, or before any processor enters a guest. What is
// lost all the same no detector could have saved.

// slipTell is what a Step's kind becomes until then.
const slipTell = NumSlips

// breaks is 1 while there is a breakpoint on each of the instructions that enter a guest.
var breaks uint64

// What these instructions begin with, and a breakpoint.
const (
	opEnter = 0x0f
	opBreak = 0xcc
)

// tell has the fault that is made now told of when it is time.
//
//go:nosplit
func (s *Step) tell(fr *personality.Frame) {
	s.Kind, s.Reason, s.Left, s.Again = slipTell, AnyReason, s.Again, 0
	if s.Left != 0 {
		fr.RFLAGS |= flagTF
		return
	}
	breaks = 1
	breakpoints(opEnter, opBreak)
}

// enters answers a breakpoint. There may be one though the others are gone: somebody
// failed while they were put there.
//
//go:nosplit
func enters(fr *personality.Frame) {
	if before := mach().set.stub - fr.RIP; before < enterSize {
		breaks = 1
		mach().wrong()
	}
}

// enterSize is more than there is between the beginning of what enters guests and the exit
// stub, which follows it.
const enterSize = 512

// breakpoints changes the first byte of VMLAUNCH and VMRESUME there.
//
//go:nosplit
func breakpoints(from, to uint64) {
	const vmlaunch, vmresume = 0xc20100, 0xc30100
	end := addr.HVA(mach().set.stub)
	for at := end - enterSize; at < end; at++ {
		if w := uint64(get32(at)) & 0xffffff; w == from|vmlaunch || w == from|vmresume {
			poke(physical(at), to)
		}
	}
}

// mend puts right the code that faults have damaged for as long as nobody noticed, and
// what was to tell of them.
//
//go:nosplit
func mend() {
	for i := uint64(0); i < mach().cpus; i++ {
		if s := &cpuAt(block(i)).Step; s.Code != 0 {
			poke(addr.HPA(s.Code), s.Byte)
			s.Code = 0
		}
	}
	if breaks != 0 {
		breakpoints(opBreak, opEnter)
		breaks = 0
	}
}
