package partition

import (
	"sync/atomic"

	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx"
)

// load makes v the VP whose VMCS and extended state are in this processor. It
// reports whether that worked.
//
//go:nosplit
func (c *CPU) load(v *VP) bool {
	if !c.loadFor(v) {
		return false
	}
	if fs := x86.RDMSR(x86.MSRFSBase); v.Instance != tab.Host.Instance || v.HostFS != fs {
		h := kernel.Host()
		vmx.WriteHost(&v.Ctx, &h)
		v.Instance, v.HostFS = tab.Host.Instance, fs
	}
	return true
}

// loadFor is load for whoever writes the host state himself.
//
//go:nosplit
func (c *CPU) loadFor(v *VP) bool {
	if c.Active != v.index()+1 {
		if !farRight(v) || !c.claim(v, c) {
			return false
		}
		c.unload()
		if !v.loadVMCS() {
			v.State = VPStopped
			vmx.Clear(&v.Ctx, addr.HPA(v.VMCS))
			release(&v.Holder)
			return false
		}
		c.Active, v.Instance = v.index()+1, 0
		c.Stale, c.Rearm = 1, 1
		c.Switches++
		v.took()
		c.flush()
		if v.XCR0 != 0 {
			x86.XSETBV(0, tab.Host.XCR0)
			v.restoreExtended()
			x86.XSETBV(0, v.XCR0)
		}
		vmx.LoadDebug(&v.Ctx)
		c.FPU = c.Active
	}
	return true
}

// flush forgets all translations if some of them lead to memory that was given back.
//
//go:nosplit
func (c *CPU) flush() {
	if gen := atomic.LoadUint64(&tab.Host.FlushGen); c.Flushed != gen {
		vmx.InvalidateAll()
		atomic.StoreUint64(&c.Flushed, gen)
	}
}

// unload saves what the processor still holds of the VP that had it.
//
//go:nosplit
func (c *CPU) unload() {
	if c.Active == 0 {
		return
	}
	v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]
	farRight(v) // before anything is written where it says
	vmx.LeaveGuest(&v.Ctx)
	vmx.SaveDebug(&v.Ctx)
	x86.XSETBV(0, tab.Host.XCR0)
	v.saveExtended()
	c.FPU = 0
	vmx.Clear(&v.Ctx, addr.HPA(v.VMCS))
	c.Active, c.Stale, c.Rearm = 0, 1, 1
	release(&v.Holder)
}

// letGo gives back the VPs that this processor has claimed and does not have, each
// in the queue of its home and in no other: moving it may have been cut off.
//
//go:nosplit
func (c *CPU) letGo() {
	for i := uint64(0); i < tab.Host.VPs; i++ {
		v := &tab.VPs[i&(MaxVPs-1)]
		if v.Holder == c.Index+1 && c.Active != i+1 {
			vmx.Clear(&v.Ctx, addr.HPA(v.VMCS)) // it may be current
			v.house()
			c.Rearm = 1
			release(&v.Holder)
		}
	}
}

// house puts v, which the caller has claimed, into the queue of its home, and takes
// it out of all others.
//
//go:nosplit
func (v *VP) house() {
	for i := uint64(0); i < tab.Host.CPUs; i++ {
		if o := &tab.CPUs[i&(MaxCPUs-1)]; i == v.CPU {
			atomic.OrUint64(&o.Queue, v.bit())
			atomic.StoreUint64(&o.Stale, 1)
		} else {
			atomic.AndUint64(&o.Queue, ^v.bit())
		}
	}
}

// loadVMCS makes v's VMCS current, and sets it up if it has never been.
//
//go:nosplit
func (v *VP) loadVMCS() bool {
	if v.Fresh != 1 {
		return vmx.Load(addr.HPA(v.VMCS))
	}
	cfg := v.config()
	if !vmx.Setup(&v.Ctx, &cfg) {
		return false
	}
	v.Primary, v.Fresh = uint64(vmx.Controls()), 0
	return true
}

// config returns what v's VMCS is made from.
//
//go:nosplit
func (v *VP) config() vmx.Config {
	p := v.partition()
	return vmx.Config{
		VMCS: addr.HPA(v.VMCS), MSRBitmap: addr.HPA(p.MSRBits), IOBitmap: addr.HPA(p.IOBits),
		EPTP: p.RAM.EPTP, VPID: uint16(v.index() + 1),
	}
}

// saveExtended and restoreExtended move the x87, SSE, AVX, AVX-512 and PKRU state
// between the processor and v's area; XCR0 has all of it on.
//
//go:nosplit
func (v *VP) saveExtended() { x86.XSAVE(&tab.Areas[v.index()&(MaxVPs-1)], tab.Host.XCR0) }

//go:nosplit
func (v *VP) restoreExtended() { x86.XRSTOR(&tab.Areas[v.index()&(MaxVPs-1)], tab.Host.XCR0) }
