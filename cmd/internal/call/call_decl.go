package call

// out loads the registers, does the OUT, and stores AX and DX.
//
//go:noescape
func out(r *Regs)

// CPUID executes the instruction of that name.
//
//go:noescape
func CPUID(leaf, sub uint32) (a, b, c, d uint32)
