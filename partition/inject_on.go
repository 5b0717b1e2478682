//go:build inject

package partition

import (
	"sync"

	"perdure/boot"
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// injects: this image can make faults of its own.
const injects = true

// handle answers an exit, and then may fail: what the handler has decided is
// not committed.
//
//go:nosplit
func handle(c *CPU, v *VP, r uint64) Verdict {
	d := exits[r](c, v)
	if tab.Host.Inject[0].Fault == boot.NoFault {
		return d // no image but this has what follows, and faults by chance should not hit it
	}
	for i := range tab.Host.Inject {
		if in := &tab.Host.Inject[i]; in.Fault != boot.NoFault && in.Reason == r {
			in.Seen++
			if in.Seen == in.At || in.Every != 0 && in.Seen > in.At {
				in.Made++
				in.make()
			}
		}
	}
	return d
}

// What the faults need: the compiler must not see them coming.
var (
	nobody *VP
	zero   uint64
)

// reserved is a bit of CR4 that no processor has. Emulators let unknown MSRs pass.
const reserved = 1 << 40

// make does it.
//
//go:nosplit
func (in *Inject) make() {
	switch in.Fault {
	case boot.FaultNil:
		nobody.Bad++
	case boot.FaultIndex:
		exits[uint64(len(exits))+zero] = nil
	case boot.FaultDivide:
		zero /= zero
	case boot.FaultPanic:
		panic("injected")
	case boot.FaultGP:
		x86.WriteCR4(x86.ReadCR4() | reserved)
	case boot.FaultControl:
		cr4 := x86.ReadCR4() &^ x86.CR4OSXSAVE
		vmcs.HostCR4.Write(cr4)
		x86.WriteCR4(cr4)
		x86.XSETBV(0, tab.Host.XCR0)
	case boot.FaultFail:
		kernel.Fail("injected")
	case boot.FaultThrow:
		throw()
	case boot.FaultStack:
		zero += overflow(1)
	case boot.FaultHang:
		for zero == 0 {
			x86.PAUSE()
		}
	}
}

// Out of the linker's sight, and of the compiler's.
var (
	throw    = func() { new(sync.Mutex).Unlock() }
	overflow func(n uint64) uint64
)

func init() { overflow = func(n uint64) uint64 { return overflow(n+1) + n } }
