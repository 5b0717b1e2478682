package personality

// Offsets in struct rt_sigframe of Linux on x86-64: return address, ucontext,
// siginfo; and the size of the FXSAVE area that the ucontext points to.
const (
	frameSize   = 8 + ucSize + infoSize
	infoSize    = 128
	ucSize      = 304
	ucStack     = 16
	ucGregs     = 40
	ucFPU       = ucGregs + 23*8
	ucMask      = 296
	fxSize      = 512
	fxMXCSR     = 24
	mxcsrInit   = 0x1f80
	gregs       = 17 // R8 … RFLAGS
	signalSpace = frameSize + fxSize + 192
)

// register returns the general registers of fr one by one in the order of
// Linux's struct sigcontext.
//
//go:nosplit
func register(fr *Frame, i uint64) *uint64 {
	switch i {
	case 0:
		return &fr.R8
	case 1:
		return &fr.R9
	case 2:
		return &fr.R10
	case 3:
		return &fr.R11
	case 4:
		return &fr.R12
	case 5:
		return &fr.R13
	case 6:
		return &fr.R14
	case 7:
		return &fr.R15
	case 8:
		return &fr.RDI
	case 9:
		return &fr.RSI
	case 10:
		return &fr.RBP
	case 11:
		return &fr.RBX
	case 12:
		return &fr.RDX
	case 13:
		return &fr.RAX
	case 14:
		return &fr.RCX
	case 15:
		return &fr.RSP
	case 16:
		return &fr.RIP
	}
	return &fr.RFLAGS
}
