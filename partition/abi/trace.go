package abi

// TraceEntry is one VM exit in a processor's trace ring: CallTrace. It has no
// header: its size is TraceEntrySize for ever.
type TraceEntry struct {
	TSC       uint64
	RIP       uint64
	Qual      uint64
	Reason    uint32 // all 32 bits of the VMCS field
	Partition uint16
	VP        uint16
}

// TraceEntrySize is the stride of CallTrace's answer.
const TraceEntrySize = 32

// DecodeTrace takes whole entries from b; bytes that make none are left out.
func DecodeTrace(b []byte) []TraceEntry {
	entries := make([]TraceEntry, len(b)/TraceEntrySize)
	for i := range entries {
		copy(entries[i].Bytes(), b[i*TraceEntrySize:])
	}
	return entries
}

var reasonNames = [NumReasons]string{
	0: "exception", 1: "interrupt", 2: "triple-fault", 3: "init", 4: "sipi", 5: "io-smi", 6: "smi",
	7: "interrupt-window", 8: "nmi-window", 9: "task-switch", 10: "cpuid", 11: "getsec", 12: "hlt", 13: "invd",
	14: "invlpg", 15: "rdpmc", 16: "rdtsc", 17: "rsm", 18: "vmcall", 19: "vmclear", 20: "vmlaunch", 21: "vmptrld",
	22: "vmptrst", 23: "vmread", 24: "vmresume", 25: "vmwrite", 26: "vmxoff", 27: "vmxon", 28: "cr", 29: "dr",
	30: "io", 31: "rdmsr", 32: "wrmsr", 33: "bad-guest-state", 34: "bad-msr-load", 36: "mwait", 37: "monitor-trap",
	39: "monitor", 40: "pause", 41: "machine-check", 43: "tpr", 44: "apic-access", 45: "eoi", 46: "gdt-idt",
	47: "ldt-tr", 48: "ept-violation", 49: "ept-misconfig", 50: "invept", 51: "rdtscp", 52: "preemption-timer",
	53: "invvpid", 54: "wbinvd", 55: "xsetbv", 56: "apic-write", 57: "rdrand", 58: "invpcid", 59: "vmfunc",
	60: "encls", 61: "rdseed", 62: "pml-full", 63: "xsaves", 64: "xrstors", 65: "pconfig", 66: "spp", 67: "umwait",
	68: "tpause", 69: "loadiwkey", 70: "enclv", 72: "enqcmd-pasid", 73: "enqcmds-pasid", 74: "bus-lock", 75: "notify",
}

// ReasonName returns a short name for an exit reason as the VMCS has it; one
// without a name is "reason-N".
func ReasonName(reason uint32) string {
	r := reason & 0xffff
	if r < NumReasons && reasonNames[r] != "" {
		return reasonNames[r]
	}
	digits := [5]byte{}
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + r%10)
		if r /= 10; r == 0 {
			return "reason-" + string(digits[i:])
		}
	}
}
