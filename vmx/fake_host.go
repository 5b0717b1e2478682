//go:build !metal

package vmx

import (
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Guest is what runs on a host when Enter is called: a test's stand-in that
// changes the registers and the fields of the current VMCS, and returns the
// reason of the exit it makes.
var Guest func(c *Context) (reason uint64)

// Enter does what the assembly does: the commit, the guest, the exit's record.
//
//go:nosplit
func Enter(c *Context) (reason uint64) {
	c.Reason = NoExit
	c.apply()
	if Guest == nil {
		return Refused
	}
	r := Guest(c)
	c.Launched = 1
	c.RIP, c.Len = vmcs.GuestRIP.Read(), uint64(vmcs.ExitInstructionLength.Read())
	c.Reason = r
	return r
}

//go:nosplit
func (c *Context) apply() {
	switch {
	case c.Commit&CommitABCD != 0:
		c.Regs[RAX], c.Regs[RBX], c.Regs[RCX], c.Regs[RDX] = c.OutRAX, c.OutRBX, c.OutRCX, c.OutRDX
	default:
		if c.Commit&CommitRAX != 0 {
			c.Regs[RAX] = c.OutRAX
		}
		if c.Commit&CommitReg != 0 && c.OutIndex < 15 {
			c.Regs[c.OutIndex] = c.OutRAX
		}
	}
	if c.Commit&CommitRIP != 0 {
		vmcs.GuestRIP.Write(c.OutRIP)
	}
	c.Commit = 0
}

// UnblockNMI has nothing to unblock on a host.
func UnblockNMI() {}

func exitPC() uint64  { return 0 }
func exitEnd() uint64 { return 0 }

// ExitPC returns 0: nothing exits on a host.
func ExitPC() uint64 { return 0 }

// EnterFor does nothing on a host.
func EnterFor(c *Context, frame uint64) {}

var currentVMCS = ^uint64(0)

func vmxon(pa uint64) uint8 { return 0 }
func vmxoff() uint8         { return 0 }
func vmclear(pa uint64) uint8 {
	if pa == currentVMCS {
		currentVMCS = ^uint64(0)
	}
	return 0
}
func vmptrld(pa uint64) uint8 { currentVMCS = pa; return 0 }
func vmptrst() uint64         { return currentVMCS }

func invept(kind, eptp, zero uint64) uint8    { return 0 }
func invvpid(kind, vpid, linear uint64) uint8 { return 0 }

//go:nosplit
func loadGuest(c *Context) { c.Live = 1 }

//go:nosplit
func loadHost(c *Context, h *syscallMSRs) { c.Live = 0 }

func rdmsr(m x86.MSR) uint64 { return 0 }

func readCR2() uint64 { return 0 }
