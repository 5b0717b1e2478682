package call

// out loads the registers, does the OUT, and stores AX and DX.
//
//go:noescape
func out(r *Regs)

// vmcall is out by VMCALL, which is for ring 0.
//
//go:noescape
func vmcall(r *Regs)

// TryVMCALL makes a call the way that only a kernel may; it is for tests.
// Outside a hypervisor it ends the process.
func TryVMCALL(r *Regs) { vmcall(r) }
