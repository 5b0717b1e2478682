package personality

// Numbers of the system calls of Linux on x86-64 that the runtime makes.
const (
	sysRead         = 0
	sysWrite        = 1
	sysMmap         = 9
	sysMunmap       = 11
	sysSigaction    = 13
	sysSigprocmask  = 14
	sysSigreturn    = 15
	sysAccess       = 21
	sysYield        = 24
	sysMadvise      = 28
	sysNanosleep    = 35
	sysGetpid       = 39
	sysClone        = 56
	sysExit         = 60
	sysFcntl        = 72
	sysSigaltstack  = 131
	sysPrctl        = 157
	sysArchPrctl    = 158
	sysGettid       = 186
	sysFutex        = 202
	sysGetaffinity  = 204
	sysClockGettime = 228
	sysExitGroup    = 231
	sysEpollCtl     = 233
	sysTgkill       = 234
	sysOpenat       = 257
	sysEpollPwait   = 281
	sysEventfd2     = 290
	sysEpollCreate1 = 291
	sysPrlimit64    = 302
)

// Unknown counts calls that have no answer; the last one is kept.
var Unknown, LastUnknown uint64

// Call answers the system call in fr.
//
//go:nosplit
func Call(fr *Frame) {
	switch fr.RAX {
	case sysClockGettime:
		ns := Now()
		st64(fr.RSI, ns/1e9)
		st64(fr.RSI+8, ns%1e9)
		fr.RAX = 0
	case sysGetpid:
		fr.RAX = 1
	case sysGettid:
		fr.RAX = current[Processor()&(Processors-1)]
	case sysFutex:
		futexFn(fr)
	case sysNanosleep:
		nanosleepFn(fr)
	case sysYield:
		yieldFn(fr)
	case sysMmap:
		mmap(fr)
	case sysMadvise:
		madvise(fr)
	case sysMunmap:
		fr.RAX = 0
	case sysClone:
		cloneFn(fr)
	case sysSigaction:
		sigaction(fr)
	case sysSigprocmask:
		sigprocmask(fr)
	case sysSigreturn:
		sigreturnFn(fr)
		return
	case sysSigaltstack:
		sigaltstack(fr)
	case sysTgkill:
		tgkill(fr)
	case sysEpollPwait:
		pollWaitFn(fr)
	default:
		rareFn(fr)
	}
	if t := running(); t.pending != 0 {
		deliverFn(fr, t, FPU[Processor()&(Processors-1)])
	}
}

// Calls through variables end the linker's chain of stack; see machine.go.
var (
	futexFn     = futex
	nanosleepFn = nanosleep
	yieldFn     = yield
	cloneFn     = clone
	sigreturnFn = sigreturn
	pollWaitFn  = pollWait
	rareFn      = rare
	deliverFn   = deliver
)

// rare answers the calls that are made a few times at start, or at the end.
//
//go:nosplit
func rare(fr *Frame) {
	switch fr.RAX {
	case sysWrite:
		fr.RAX = fr.RDX
		if fr.RDI == fdEvent {
			eventWrite()
			return
		}
		for i := uint64(0); i < fr.RDX; i++ {
			Print(ld8(fr.RSI + i))
		}
	case sysRead:
		events = 0
		st64(fr.RSI, 1)
		fr.RAX = 8
	case sysEpollCreate1:
		fr.RAX = fdPoll
	case sysEventfd2:
		fr.RAX = fdEvent
	case sysEpollCtl:
		eventData = ld64(fr.R10 + 4)
		fr.RAX = 0
	case sysArchPrctl:
		if fr.RDI != 0x1002 { // ARCH_SET_FS
			fr.RAX = errno(eInval)
			return
		}
		SetFS(fr.RSI)
		running().fs = fr.RSI
		fr.RAX = 0
	case sysGetaffinity:
		// All that there could be: the runtime asks once, before the other
		// processors run. How many it uses, runtime.GOMAXPROCS says.
		st64(fr.RDX, ^uint64(0)>>(64-Processors))
		fr.RAX = 8
	case sysPrlimit64:
		if fr.R10 != 0 {
			st64(fr.R10, 1024)
			st64(fr.R10+8, 1024)
		}
		fr.RAX = 0
	case sysFcntl:
		fr.RAX = 2 // O_RDWR: the standard files are open
	case sysOpenat, sysAccess:
		fr.RAX = errno(eNoEnt)
	case sysPrctl:
		fr.RAX = errno(eInval)
	case sysExit, sysExitGroup:
		Exit(fr.RDI)
	default:
		if fr.RAX >= PrivateFirst {
			Private(fr)
			return
		}
		Unknown++
		LastUnknown = fr.RAX
		fr.RAX = errno(eNoSys)
	}
}
