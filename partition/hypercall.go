package partition

import (
	"perdure/vmx"
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/vmx/vmcs"
)

// Call is a hypercall that waits for the control goroutine: a kept record. The
// caller's paging state is in it, since its VMCS may be active elsewhere.
type Call struct {
	Number        uint64
	Args          [6]uint64
	CR0, CR3, CR4 uint64
	EFER          uint64
	User          uint64 // 1: from user space, by the port
	RIP, Len      uint64
}

// exitVMCALL answers VMCALL.
//
//go:nosplit
func exitVMCALL(c *CPU, v *VP) Verdict {
	if vmcs.GuestSSAccess.Read()>>5&3 != 0 {
		return v.answer(abi.ErrRights.RAX(), v.Ctx.Regs[vmx.RDX]) // from ring 0 only
	}
	return v.hypercall(c, v.Ctx.Regs[vmx.RDX])
}

// hypercall answers a call whose third argument is arg3. Short calls are done
// here; what needs the Go heap or time goes to the control goroutine, while the
// VP waits. Every call may be made twice: an abandoned exit repeats it.
//
//go:nosplit
func (v *VP) hypercall(c *CPU, arg3 uint64) Verdict {
	n, version := abi.SplitWord(v.Ctx.Regs[vmx.RAX])
	v.Calls++
	switch {
	case version == 0:
		return v.refuse(abi.ErrKVM)
	case version != abi.Version:
		return v.refuse(abi.ErrVersion)
	case n == 0 || int(n) >= abi.NumCalls:
		return v.refuse(abi.ErrCall)
	case v.partition().calls()>>n&1 == 0:
		return v.refuse(abi.ErrRights)
	case n == abi.CallNull:
		return v.answer(0, arg3)
	case n == abi.CallVersion:
		return v.answer(abi.Version, v.partition().calls())
	case n == abi.CallWrite:
		return farther.typeTo(v, c, arg3)
	case n == abi.CallRing:
		return farther.ring(v, c)
	case injects && n == abi.CallInject && v.Ctx.Regs[vmx.RDI] == abi.InjectSoon:
		return v.soon(c, arg3)
	}
	r := &v.Ctx.Regs
	w := v.walker()
	v.Call = Call{
		Number: uint64(n), Args: [6]uint64{r[vmx.RDI], r[vmx.RSI], arg3, r[vmx.R10], r[vmx.R8], r[vmx.R9]},
		CR0: w.cr0, CR3: w.cr3, CR4: w.cr4, EFER: w.efer, User: b2u(w.user), RIP: v.Ctx.RIP, Len: v.Ctx.Len,
	}
	v.State = VPCall
	atomic.OrUint64(&tab.Host.Work, WorkCall)
	return Resume | Park
}

// refuse answers a call with an error and counts it.
//
//go:nosplit
func (v *VP) refuse(e abi.Errno) Verdict {
	v.BadCalls++
	return v.answer(e.RAX(), v.Ctx.Regs[vmx.RDX])
}

// answer is the commit of a hypercall: RAX and RDX.
//
//go:nosplit
func (v *VP) answer(rax0, rdx0 uint64) Verdict {
	r := &v.Ctx.Regs
	v.Ctx.OutRAX, v.Ctx.OutRBX, v.Ctx.OutRCX, v.Ctx.OutRDX = rax0, r[vmx.RBX], r[vmx.RCX], rdx0
	return Advance | ABCD
}

// calls returns a bit for each call that p may make.
//
//go:nosplit
func (p *Partition) calls() uint64 {
	switch p.Kind {
	case Root:
		return (1<<abi.NumCalls - 2) &^ (1 << abi.CallService)
	case Service:
		return 1<<abi.CallNull | 1<<abi.CallVersion | 1<<abi.CallService
	}
	return 1<<abi.CallNull | 1<<abi.CallVersion | 1<<abi.CallConsole
}
