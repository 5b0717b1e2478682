// Package x86 names the processor's registers, MSRs, CPUID bits and the single
// instructions that Go has no words for.
//
// The one idea: everything here is one instruction or one number of the manual;
// nothing decides, nothing remembers, nothing is imported.
//
// Manual: Intel 64 and IA-32 Architectures Software Developer's Manual (SDM).
package x86

// CPUID asks the processor about itself.
func CPUID(leaf, sub uint32) (a, b, c, d uint32)

// RDMSR reads m. A register that the processor does not have faults: see RDMSRSafe.
func RDMSR(m MSR) uint64

// WRMSR writes m.
func WRMSR(m MSR, v uint64)

// RDTSC reads the time-stamp counter.
func RDTSC() uint64

// IN8 reads a byte from an I/O port.
func IN8(port uint16) uint8

// IN16 reads two bytes from an I/O port.
func IN16(port uint16) uint16

// IN32 reads four bytes from an I/O port.
func IN32(port uint16) uint32

// OUT8 writes a byte to an I/O port.
func OUT8(port uint16, v uint8)

// OUT16 writes two bytes to an I/O port.
func OUT16(port uint16, v uint16)

// OUT32 writes four bytes to an I/O port.
func OUT32(port uint16, v uint32)

// ReadCR0 and its like read and write the control registers.
func ReadCR0() uint64

// ReadCR2 reads the linear address of the last page fault.
func ReadCR2() uint64

// ReadCR3 reads the physical address of the page tables, with the PCID.
func ReadCR3() uint64

// ReadCR4 reads CR4.
func ReadCR4() uint64

// ReadCR8 reads the task priority, bits 7:4 of the local APIC's TPR.
func ReadCR8() uint64

// WriteCR0 writes CR0.
func WriteCR0(v uint64)

// WriteCR2 writes CR2: a guest's value, which no VMCS field holds.
func WriteCR2(v uint64)

// WriteCR3 changes the page tables.
func WriteCR3(v uint64)

// WriteCR4 writes CR4.
func WriteCR4(v uint64)

// WriteCR8 writes the task priority.
func WriteCR8(v uint64)

// ReadDR6 reads the debug status.
func ReadDR6() uint64

// WriteDR6 writes the debug status.
func WriteDR6(v uint64)

// ReadDR7 reads the debug control.
func ReadDR7() uint64

// WriteDR7 writes the debug control.
func WriteDR7(v uint64)

// DR0to3 reads the four breakpoint addresses.
func DR0to3() (d0, d1, d2, d3 uint64)

// SetDR0to3 writes the four breakpoint addresses.
func SetDR0to3(d0, d1, d2, d3 uint64)

// RFLAGS reads the flags.
func RFLAGS() uint64

// XGETBV reads an extended control register; 0 is XCR0.
func XGETBV(reg uint32) uint64

// XSETBV writes an extended control register. A reserved bit faults.
func XSETBV(reg uint32, v uint64)

// INVLPG forgets the translation of one page of the current PCID.
func INVLPG(va uintptr)

// INVPCID forgets translations by PCID; kinds are INVPCIDAddress and its like.
func INVPCID(kind, pcid, va uint64)

// VMCALL calls the hypervisor below, with values for RAX, RDI, RSI and RDX;
// without one it faults.
func VMCALL(ax, di, si, dx uint64) uint64

// WBINVD writes back and empties the caches.
func WBINVD()

// PAUSE says that this is a spin loop.
func PAUSE()

// MFENCE orders all loads and stores.
func MFENCE()

// LFENCE waits for all earlier instructions.
func LFENCE()

// CLI forbids interrupts.
func CLI()

// STI allows interrupts.
func STI()

// HLT waits for an interrupt, if interrupts are allowed.
func HLT()

// WaitInterrupt allows interrupts, waits for one and forbids them again. One
// that is pending before ends the wait at once: STI holds it until HLT began.
func WaitInterrupt()

// AdmitInterrupts allows interrupts for as long as those take that wait.
func AdmitInterrupts()

// Stop halts this processor for good; NMIs wake it and find it halting again.
func Stop()

// Kinds of INVPCID. SDM Vol. 2A, "INVPCID".
const (
	INVPCIDAddress     = 0
	INVPCIDContext     = 1
	INVPCIDAllGlobal   = 2
	INVPCIDAllContexts = 3
)
