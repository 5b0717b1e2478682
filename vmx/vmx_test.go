//go:build !metal

package vmx

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// emulated are the capabilities of the emulator's processor, read in it.
var emulated = map[x86.MSR]uint64{
	x86.MSRVMXBasic:             0x00d810000000002b,
	x86.MSRVMXMisc:              0x600401e0,
	x86.MSRVMXEPTVPIDCap:        0x00000f0106734141,
	x86.MSRVMXCR0Fixed0:         0x80000021,
	x86.MSRVMXCR0Fixed1:         0xffffffff,
	x86.MSRVMXCR4Fixed0:         0x2000,
	x86.MSRVMXCR4Fixed1:         0x3727ff,
	x86.MSRVMXTruePinbasedCtls:  0x000000ff_00000016,
	x86.MSRVMXTrueProcbasedCtls: 0xdff9fbfe_04006172,
	x86.MSRVMXProcbasedCtls2:    0x025677ff_00000000,
	x86.MSRVMXTrueExitCtls:      0x407fffff_00036dfb,
	x86.MSRVMXTrueEntryCtls:     0x0000ffff_000011fb,
}

func with(change map[x86.MSR]uint64) *Capabilities {
	var c Capabilities
	c.read(func(m x86.MSR) uint64 {
		if v, ok := change[m]; ok {
			return v
		}
		return emulated[m]
	})
	return &c
}

func TestCapabilities(t *testing.T) {
	c := with(nil)
	if err := c.check(); err != nil {
		t.Errorf("the emulator's processor: %v", err)
	}
	if c.Revision != 0x2b || c.TimerShift != 0 || !c.EPT1G || !c.AccessDirty {
		t.Errorf("revision %#x, timer shift %d, 1G %v, A/D %v", c.Revision, c.TimerShift, c.EPT1G, c.AccessDirty)
	}
	for _, tt := range []struct {
		name string
		w    control
		want uint32
		got  uint32
	}{
		{"pin: as the bench wrote it", pin, 1 | 8, 0x1f},
		{"primary: must-be-ones are added", primary, 0x91000080, 0x950061f2},
		{"secondary: nothing forced", secondary, 0x1010aa, 0x1010aa},
		{"secondary: an unknown bit is dropped", secondary, 1<<31 | 2, 2},
		{"exit", exit, 0x3c8200, 0x3feffb},
		{"entry", entry, 0xc000, 0xd1fb},
	} {
		if got := c.adjust(tt.w, tt.want); got != tt.got {
			t.Errorf("%s: %#x, want %#x", tt.name, got, tt.got)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change map[x86.MSR]uint64
		want   string
	}{
		{"no unrestricted guest", map[x86.MSR]uint64{x86.MSRVMXProcbasedCtls2: (0x025677ff &^ vmcs.SecUnrestricted) << 32}, "unrestricted guest"},
		{"small pages only", map[x86.MSR]uint64{x86.MSRVMXEPTVPIDCap: 0xf0106734141 &^ capEPT2M}, "EPT 2M pages"},
		{"no secondary controls at all", map[x86.MSR]uint64{x86.MSRVMXTrueProcbasedCtls: (0xdff9fbfe &^ vmcs.PrimSecondary) << 32},
			"secondary controls, EPT, VPID, unrestricted guest, EPT 4-level walk, EPT write-back, EPT 2M pages, INVEPT, INVVPID"},
		{"two parts of one feature are named once", map[x86.MSR]uint64{x86.MSRVMXTrueExitCtls: (0x407fffff &^ (vmcs.ExitSavePAT | vmcs.ExitLoadPAT)) << 32}, "save and load PAT on exit"},
		{"uncached structures", map[x86.MSR]uint64{x86.MSRVMXBasic: 0x0080_1000_0000_002b}, "VMX structures in write-back memory"},
	} {
		if got := strings.Join(with(tt.change).missing(), ", "); got != tt.want {
			t.Errorf("%s: missing %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFeatureControl(t *testing.T) {
	for _, tt := range []struct {
		in, out uint64
		err     string
	}{
		{0, 5, ""},
		{2, 7, ""},
		{5, 5, ""},
		{1, 1, "enable VT-x"},
		{3, 3, "enable VT-x"},
	} {
		out, err := featureControl(tt.in)
		if out != tt.out || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("featureControl(%#x) = %#x, %v; want %#x, %q", tt.in, out, err, tt.out, tt.err)
		}
	}
}

func TestMSRBitmap(t *testing.T) {
	var b MSRBitmap
	b.DenyAll()
	b.AllowRead(x86.MSRTSC)
	b.Allow(x86.MSRKernelGSBase)
	b.Allow(0x40000000) // in no range: no effect
	for _, tt := range []struct {
		m           x86.MSR
		read, write bool // exit?
	}{
		{x86.MSRTSC, false, true},
		{x86.MSRTSC + 1, true, true},
		{x86.MSRKernelGSBase, false, false},
		{x86.MSRLSTAR, true, true},
		{0x40000000, true, true},
		{0x102, true, true}, // the low register with KERNEL_GS_BASE's low bits
	} {
		if r, w := b.Exits(tt.m, false), b.Exits(tt.m, true); r != tt.read || w != tt.write {
			t.Errorf("MSR %#x: exits on read %v, write %v", uint32(tt.m), r, w)
		}
	}
	// SDM: read low at byte 0, read high at 1024, write low at 2048, write high at 3072.
	if b[0] != ^uint64(0)&^(1<<0x10) || b[128+0x102/64] != ^uint64(0)&^(1<<2) || b[384+0x102/64] != ^uint64(0)&^(1<<2) {
		t.Errorf("bits are elsewhere: %#x %#x %#x", b[0], b[132], b[388])
	}
}

func TestIOBitmap(t *testing.T) {
	var b IOBitmap
	b.DenyAll()
	b.Allow(0x60, 0x64)
	b.Allow(0x8000, 0xffff)
	b.Deny(0x61, 0x61)
	for port, want := range map[uint16]bool{0: true, 0x5f: true, 0x60: false, 0x61: true, 0x64: false, 0x65: true, 0x7fff: true, 0x8000: false, 0xffff: false} {
		if got := b.Exits(port); got != want {
			t.Errorf("port %#x: exits %v, want %v", port, got, want)
		}
	}
	if b[512] != 0 { // bitmap B begins with port 0x8000
		t.Errorf("word of port 0x8000 is %#x", b[512])
	}
}

func TestIndex(t *testing.T) {
	var c Context
	for i := range c.Regs {
		c.Regs[i] = uint64(0x100 + i)
	}
	vmcs.GuestRSP.Write(0x999)
	want := [16]uint64{RAX, RCX, RDX, RBX, 0x999 - 0x100, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15}
	for r := vmcs.Register(0); r < 16; r++ {
		if got := c.Reg(r); got != want[r]+0x100 {
			t.Errorf("register %d is word %#x, want %#x", r, got-0x100, want[r])
		}
	}
}

// TestEncodingsInAssembly holds the numbers in the stub to the typed constants.
func TestEncodingsInAssembly(t *testing.T) {
	src, err := os.ReadFile("enter_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]uint64{
		"fieldRIP": uint64(vmcs.GuestRIP), "fieldReason": uint64(vmcs.ExitReason),
		"fieldLength": uint64(vmcs.ExitInstructionLength), "fieldError": uint64(vmcs.InstructionError),
		"fieldRFLAGS": uint64(vmcs.GuestRFLAGS), "fieldShadow": uint64(vmcs.GuestInterruptibility),
		"fieldDebugCtl": uint64(vmcs.GuestDebugCtl), "fieldPendingDebug": uint64(vmcs.GuestPendingDebug),
	}
	for _, m := range regexp.MustCompile(`#define (field\w+) (0x\w+)`).FindAllStringSubmatch(string(src), -1) {
		if v, _ := strconv.ParseUint(m[2], 0, 64); v != want[m[1]] {
			t.Errorf("%s is %#x, vmcs says %#x", m[1], v, want[m[1]])
		}
		delete(want, m[1])
	}
	if len(want) != 0 {
		t.Errorf("not in the assembly: %v", want)
	}
}

func TestExplain(t *testing.T) {
	for r, want := range map[uint64]string{
		10:          "CPUID",
		1<<31 | 33:  "entry failed: guest state",
		Refused | 7: "the processor refused to begin: VM entry with invalid control fields",
		Refused:     "the processor refused to begin: no VMCS is current",
	} {
		if got := Explain(r); got != want {
			t.Errorf("%#x: %q, want %q", r, got, want)
		}
	}
}
