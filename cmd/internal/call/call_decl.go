package call

// out loads the registers, does the OUT, and stores AX and DX.
//
//go:noescape
func out(r *Regs)
