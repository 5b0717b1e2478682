// Package vmx goes into a guest and comes back.
//
// The one idea: a VM exit is a return value. Enter runs a virtual processor
// until the processor leaves it, and what the guest needs to go on lies in one
// kept record, written before any Go code runs.
package vmx

import (
	"perdure/kernel/x86"
	"perdure/vmx/vmcs"
)

// Context is what a virtual processor consists of while it is not running, save
// what its VMCS holds. It is a kept record; the exit stub finds it by HOST_RSP,
// which points behind Regs. Offsets in assembly come from the compiler.
//
// At rest: Live is 0, and either Commit is 0 or Enter applies it.
type Context struct {
	Regs [15]uint64 // as 15 PUSHes leave them: R15 first, RAX last; see the indices below

	HostSP, HostBP uint64 // where Enter returns to
	Launched       uint64 // 1: VMRESUME, 0: VMLAUNCH; Enter corrects it if the processor knows better

	Reason uint64 // of the last exit, NoExit from entry until the next one
	RIP    uint64 // of the guest at the exit
	Len    uint64 // of the instruction that caused it; else undefined
	TSC    uint64 // when the exit arrived
	CR2    uint64 // the guest's, which the VMCS does not hold

	Commit                         uint64 // what the next Enter does first: Commit bits
	OutRIP                         uint64
	OutRBX, OutRDX, OutRCX, OutRAX uint64 // in the order that they have in Regs
	OutIndex                       uint64 // index into Regs that CommitReg gives OutRAX

	XMM   [16][16]byte // the guest's, saved at each exit and loaded at each entry
	MXCSR uint64       // saved at each exit, loaded by ReturnToGuest

	Live         uint64 // 1: the five MSRs, MXCSR and CR2 in the processor are the guest's
	STAR         uint64 // a guest's writes of these exit, so that the truth is here
	LSTAR        uint64
	CSTAR        uint64
	FMASK        uint64
	TSCAux       uint64
	KernelGSBase uint64 // the guest writes it freely: read back by LeaveGuest
	DR           [4]uint64
	DR6          uint64
}

// Indices into Regs. RSP is in the VMCS.
const (
	R15 = iota
	R14
	R13
	R12
	R11
	R10
	R9
	R8
	RDI
	RSI
	RBP
	RBX
	RDX
	RCX
	RAX
)

// Bits of Commit. Storing it is the commit of an exit: before, dropping
// everything makes the guest do its instruction again; after, applying it again
// changes nothing.
const (
	CommitRIP   = 1 << iota // RIP becomes OutRIP
	CommitRAX               // RAX becomes OutRAX
	CommitABCD              // RAX, RBX, RCX and RDX become their Out words
	CommitReg               // Regs[OutIndex] becomes OutRAX
	CommitLog               // the owner's log is to be applied, before Enter, in Go
	CommitEnd               // the interrupt in service whose vector is OutRAX ends, before Enter, in Go
	CommitTimer             // the deadline of the LAPIC's timer becomes OutRAX, before Enter, in Go
)

// NoExit is Context.Reason while the guest runs or is being entered.
const NoExit = ^uint64(0)

// Refused is set in what Enter returns if the processor did not even begin the
// entry; the low bits are a vmcs.Error, 0 if no VMCS is current.
const Refused = 1 << 32

// NumReasons is the size of a table by exit reason.
const NumReasons = vmcs.NumReasons

// index gives the place in Regs of a register by its number; RSP has none.
var index = [16]uint8{RAX, RCX, RDX, RBX, 15, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15}

// Index returns where register r lies in Regs; r is not RSP.
//
//go:nosplit
func Index(r vmcs.Register) uint64 { return uint64(index[r&15]) }

// Reg returns general register r of the guest, RSP included.
//
//go:nosplit
func (c *Context) Reg(r vmcs.Register) uint64 {
	if i := index[r&15]; i < 15 {
		return c.Regs[i]
	}
	return vmcs.GuestRSP.Read()
}

// Reset gives the words of c that a processor has after RESET or INIT; what the
// exit has to say (Reason, RIP) stays, as does Launched.
//
//go:nosplit
func (c *Context) Reset() {
	for i := range c.Regs {
		c.Regs[i] = 0
	}
	c.Commit, c.CR2 = 0, 0
	c.MXCSR = 0x1f80
	c.STAR, c.LSTAR, c.CSTAR, c.FMASK, c.TSCAux, c.KernelGSBase = 0, 0, 0, 0, 0, 0
	for i := range c.XMM {
		for j := range c.XMM[i] {
			c.XMM[i][j] = 0
		}
	}
	for i := range c.DR {
		c.DR[i] = 0
	}
	c.DR6 = x86.DR6Init
}

// Loadable takes out of c what the processor would refuse to load, each time anew: bits that
// there are not, and addresses of which the upper 16 bits are not copies of the one below.
//
//go:nosplit
func (c *Context) Loadable() {
	const low = 0xffffffff
	c.MXCSR &= 0xffff
	c.FMASK, c.TSCAux, c.DR6 = c.FMASK&low, c.TSCAux&low, c.DR6&low
	c.LSTAR, c.KernelGSBase = uint64(int64(c.LSTAR<<16)>>16), uint64(int64(c.KernelGSBase<<16)>>16)
}

// MSR returns the word of c that holds guest register m, nil if m is none of them.
//
//go:nosplit
func (c *Context) MSR(m x86.MSR) *uint64 {
	switch m {
	case x86.MSRSTAR:
		return &c.STAR
	case x86.MSRLSTAR:
		return &c.LSTAR
	case x86.MSRCSTAR:
		return &c.CSTAR
	case x86.MSRFMASK:
		return &c.FMASK
	case x86.MSRTSCAux:
		return &c.TSCAux
	case x86.MSRKernelGSBase:
		return &c.KernelGSBase
	}
	return nil
}
