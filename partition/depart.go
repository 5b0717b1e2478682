package partition

import (
	"perdure/kernel"
	"perdure/kernel/x86"
	"perdure/vmx"
)

// depart takes this processor to the other instance.
//
//go:nosplit
func (c *CPU) depart(s *kernel.Seat) {
	kernel.FlushPCID(s.CR3)
	if meeting.native == 0 {
		if v := c.going(); v != nil {
			if c.loadFor(v) && (v.Events == 0 || v.serve(c)) {
				c.flip(v, s)
			}
		}
	}
	kernel.Depart(s, c.Index)
}

// going returns the VP that runs here next: the one that ran until now, if it can
// go on, since its slice is not over for having met.
//
//go:nosplit
func (c *CPU) going() *VP {
	if c.Active != 0 {
		if v := &tab.VPs[(c.Active-1)&(MaxVPs-1)]; v.runnable() && v.State == VPRun {
			return v
		}
	}
	return c.pick(x86.RDTSC())
}

// VMX instructions from a guest's last instruction to its next one: what every exit
// by an interrupt reads and the entry, and the host state in three fields or in all.
const (
	opsExit = 5
	opsMove = opsExit + 3
	opsHost = opsExit + 13
)

// flip enters v, whose exits land in the other instance from now on.
//
//go:nosplit
func (c *CPU) flip(v *VP, s *kernel.Seat) {
	fs, ops := s.CPU[c.Index&(MaxCPUs-1)].FS, uint64(opsMove)
	if meeting.alike != 0 && v.Instance == tab.Host.Instance-1 {
		vmx.MoveHost(s.CR3, fs, s.Exit)
	} else {
		h := s.Host(c.Index)
		vmx.WriteHostFor(&v.Ctx, &h, s.Exit)
		ops = opsHost
	}
	v.Instance, v.HostFS = tab.Host.Instance, fs
	if c.Rearm != 0 {
		c.arm()
	}
	vmx.ReturnToGuest(&v.Ctx)
	if v.unfinished() {
		v.finish()
	}
	now := x86.RDTSC()
	v.runs(now)
	r := &tab.Host.Restart
	r.Report.CPU[c.Index&(MaxCPUs-1)].Flip = 1
	r.enters(c, v, now, ops)
	vmx.EnterFor(&v.Ctx, s.CPU[c.Index&(MaxCPUs-1)].Frame)
}
