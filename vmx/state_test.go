//go:build !metal

package vmx

import (
	"testing"
	"unsafe"

	"perdure/kernel/x86"
	"perdure/mm/addr"
	"perdure/vmx/vmcs"
)

var pages [2][4096]byte

// testPage returns the physical address, as the direct map has it, of a page of
// this program.
func testPage() addr.HPA { return addr.HVA(unsafe.Pointer(&pages)).HPA() }

func TestCommit(t *testing.T) {
	for _, tt := range []struct {
		name   string
		commit uint64
		want   map[int]uint64
		rip    uint64
	}{
		{"nothing", 0, map[int]uint64{}, 0x1000},
		{"step over", CommitRIP, map[int]uint64{}, 0x1002},
		{"one result", CommitRIP | CommitRAX, map[int]uint64{RAX: 1}, 0x1002},
		{"CPUID", CommitRIP | CommitABCD, map[int]uint64{RAX: 1, RBX: 2, RCX: 3, RDX: 4}, 0x1002},
		{"another register", CommitRIP | CommitReg, map[int]uint64{R9: 1}, 0x1002},
		{"no step", CommitRAX, map[int]uint64{RAX: 1}, 0x1000},
	} {
		vmcs.GuestRIP.Write(0x1000)
		c := Context{Commit: tt.commit, OutRIP: 0x1002, OutRAX: 1, OutRBX: 2, OutRCX: 3, OutRDX: 4, OutIndex: R9}
		var want [15]uint64
		for i, v := range tt.want {
			want[i] = v
		}
		seen := false
		Guest = func(c *Context) uint64 {
			seen = c.Regs == want && c.Commit == 0 && vmcs.GuestRIP.Read() == tt.rip && c.Reason == NoExit
			return uint64(vmcs.ReasonCPUID)
		}
		if r := Enter(&c); r != 10 || !seen {
			t.Errorf("%s: reason %d, registers %v, RIP %#x", tt.name, r, c.Regs, c.RIP)
		}
		Guest = nil
	}
}

// TestStarts checks each start against the entry checks that matter for it.
func TestStarts(t *testing.T) {
	Caps = *with(nil)
	defer func() { Caps = Capabilities{} }()
	for _, tt := range []struct {
		name  string
		start func(c *Context)
		cr0   uint64
		cr4   uint64
		seen0 uint64
		efer  uint64
		ia32e bool
		cs    uint64
		csAR  uint32
		rip   uint64
	}{
		{"SIPI", func(c *Context) { c.StartSIPI(0x9a) }, 0x30, 0x2000, 0x60000010, 0, false, 0x9a000, 0x9b, 0},
		{"reset", (*Context).StartReset, 0x30, 0x2000, 0x60000010, 0, false, 0xffff0000, 0x9b, 0xfff0},
		{"flat", func(c *Context) { c.StartFlat(0x100000, 0x800, 0x1f, 8, 16) }, 0x31, 0x2000, 0x11, 0, false, 0, 0xc09b, 0x100000},
		{"long", func(c *Context) { c.StartLong(0x100200, 0x9000, 0x800, 0x1f, 0x10, 0x18) }, 0x80010033, 0x2020, 0x80010033, 0x500, true, 0, 0xa09b, 0x100200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			vmcs.Forget()
			var c Context
			c.Regs[RAX], c.LSTAR, c.Commit = 1, 2, CommitRIP
			if !Setup(&c, &Config{VMCS: testPage(), EPTP: 0x1e, VPID: 1}) {
				t.Fatal("Setup refused")
			}
			tt.start(&c)
			if c.Regs[RAX] != 0 || c.LSTAR != 0 || c.Commit != 0 || c.MXCSR != 0x1f80 {
				t.Error("words of the former life are left")
			}
			got := []uint64{vmcs.GuestCR0.Read(), vmcs.GuestCR4.Read(), vmcs.CR0Shadow.Read(), vmcs.GuestEFER.Read(), vmcs.GuestCSBase.Read(), uint64(vmcs.GuestCSAccess.Read()), vmcs.GuestRIP.Read()}
			want := []uint64{tt.cr0, tt.cr4, tt.seen0, tt.efer, tt.cs, uint64(tt.csAR), tt.rip}
			for i := range got {
				if got[i] != want[i] {
					t.Errorf("word %d (CR0 CR4 shadow EFER CS-base CS-access RIP): %#x, want %#x", i, got[i], want[i])
				}
			}
			if got := vmcs.EntryControls.Read()&vmcs.EntryIA32e != 0; got != tt.ia32e {
				t.Errorf("IA-32e mode guest %v", got)
			}
			if vmcs.CR4Shadow.Read()&x86.CR4VMXE != 0 {
				t.Error("the guest sees CR4.VMXE")
			}
			if vmcs.GuestTRAccess.Read() != 0x8b || vmcs.GuestRFLAGS.Read() != 2 || vmcs.GuestLinkPointer.Read() != ^uint64(0) {
				t.Error("TR, RFLAGS or link pointer would fail the entry")
			}
		})
	}
}

func TestControls(t *testing.T) {
	Caps = *with(nil)
	defer func() { Caps = Capabilities{} }()
	vmcs.Forget()
	var c Context
	p := testPage()
	if !Setup(&c, &Config{VMCS: p, MSRBitmap: 0x5000, IOBitmap: 0x6000, EPTP: 0x901e, VPID: 7}) || Current() != p {
		t.Fatal("Setup refused, or left another VMCS current")
	}
	if a, b := vmcs.IOBitmapA.Read(), vmcs.IOBitmapB.Read(); a != 0x6000 || b != 0x7000 {
		t.Errorf("I/O bitmaps at %#x and %#x", a, b)
	}
	if got := vmcs.PrimaryControls.Read(); got != Controls() || got&vmcs.PrimMSRBitmap == 0 || got&vmcs.PrimAllIO != 0 {
		t.Errorf("primary controls %#x", got)
	}
	if vmcs.CR4Mask.Read()&x86.CR4VMXE == 0 || vmcs.VPID.Read() != 7 || vmcs.EPTPointer.Read() != 0x901e {
		t.Error("mask, VPID or EPT pointer")
	}
	Clear(&c, p)
	if Current() == p {
		t.Error("a cleared VMCS is current")
	}
}
