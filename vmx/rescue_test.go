//go:build !metal

package vmx

import (
	"testing"

	"perdure/kernel"
	"perdure/kernel/personality"
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Wherever an exit is interrupted while it saves the registers, the record has
// them afterwards.
func TestRescue(t *testing.T) {
	guest := personality.Frame{Kind: x86.VectorNMI, R15: 115, R14: 114, R13: 113, R12: 112, R11: 111, R10: 110, R9: 109, R8: 108,
		RDI: 107, RSI: 106, RBP: 105, RBX: 103, RDX: 102, RCX: 101, RAX: 100}
	want := pushed(&guest)
	vmcs.GuestRIP.Write(0x1234)
	vmcs.ExitReason.Write(10)
	for done := range uint64(17) { // registers pushed; 16: all, and the stack is another one
		c := &Context{Reason: NoExit}
		top := end(c)
		vmcs.HostRSP.Write(top)
		fr := guest
		fr.RSP = top - 8*done
		for i := 15 - int(min(done, 15)); i < 15; i++ {
			c.Regs[i] = want[i]
		}
		if done > 15 {
			fr.RSP = top + 1<<20
			fr.RAX, fr.RBX, fr.RCX, fr.RDX = 1, 2, 3, 4
		}
		var area [64]uint64
		area[3], area[20], area[51] = 0xffff00001f80, 7, 8 // MXCSR with its mask, XMM0, XMM15
		rescue(&fr, areaAt(&area))
		if c.Regs != want || c.RIP != 0x1234 || c.Reason != 10 || c.MXCSR != 0x1f80 || c.XMM[0][0] != 7 || c.XMM[15][8] != 8 {
			t.Errorf("after %d registers: %+v", done, c)
		}
	}
}

// Without a program counter the stack, a register and the flags tell how far it was.
func TestBetween(t *testing.T) {
	c := &Context{Reason: NoExit, HostSP: 0x7000}
	top := end(c)
	vmcs.HostRSP.Write(top)
	for _, tt := range []struct {
		name                    string
		rsp, rbx, flags, reason uint64
		want                    kernel.Torn
	}{
		{"nothing is pushed yet", top, 7, 2, NoExit, kernel.TornSaving},
		{"some registers are pushed", top - 5*8, 7, 2, NoExit, kernel.TornSaving},
		{"all are pushed", top - 15*8, 7, 2, NoExit, kernel.TornSaving},
		{"the stack is another one", 0x7000, top, 2, NoExit, kernel.TornSaving},
		{"the exit is noted", 0x7000, top, 2, 10, kernel.TornNot},
		{"Enter has changed the stack", top - 15*8, top - 15*8, 0x46, NoExit, kernel.TornStack},
		{"Enter has loaded all", top, 7, 0x97, NoExit, kernel.TornStack},
		{"Enter has not changed the stack", 0x7000, top - 15*8, 0x46, NoExit, kernel.TornNot},
		{"a handler", 0x6f00, 7, 2, 10, kernel.TornNot},
		{"a stack that has gone astray", top - 5*8, 7, 2, 10, kernel.TornStack},
	} {
		c.Reason = tt.reason
		if got := between(&personality.Frame{RSP: tt.rsp, RBX: tt.rbx, RFLAGS: tt.flags}); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	vmcs.HostRSP.Write(0)
	if got := between(&personality.Frame{}); got != kernel.TornNot {
		t.Errorf("without a VMCS: %d", got)
	}
}
