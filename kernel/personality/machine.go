// Package personality answers the system calls of the stock Go runtime.
//
// The one idea: the runtime asks Linux for memory, threads, waiting, signals
// and time, and asks in so few ways that each answer is a handful of lines.
//
// Everything here runs on a processor's own stack with interrupts off, and may
// not fault, allocate or grow a stack. All of its state lies in ordinary Go
// variables, and so is thrown away and restored together with the runtime that
// it serves.
package personality

// Processors is the most that the runtime is told of.
const Processors = 64

// What the machine does for the personality; package kernel sets them before
// the runtime starts, tests set fakes. Calls through them also end a chain of
// functions that the linker allows 800 bytes of stack.
var (
	Processor = func() uint64 { return 0 }                        // index of the one that calls
	Now       = func() uint64 { return 0 }                        // nanoseconds since some time
	SetFS     = func(base uint64) {}                              // FS base of the running thread
	Relax     = func() {}                                         // one step of waiting for another processor
	Notify    = func(processor uint64, why uint64) {}             // why: WhySignal, WhyThread
	Print     = func(c byte) {}                                   // what the runtime writes to its output
	Exit      = func(code uint64) {}                              // the runtime has given up; does not return
	Back      = func(va uintptr, write bool) bool { return true } // give va a page; false if there is none
	Private   = func(fr *Frame) {}                                // a call that is not one of Linux's, from PrivateFirst up
	Clear     = func(va uintptr) {}                               // the page at va, if it has one, becomes zeros
)

// PrivateFirst is the first number of a call that Private answers.
const PrivateFirst = 1 << 16

// Reasons for a Notify.
const (
	WhySignal = iota // its thread has a pending signal
	WhyThread        // a thread waits for a processor
)

// Frame is the state of a thread that made a system call or a fault, in the
// order in which the entries of package kernel push it.
type Frame struct {
	R15, R14, R13, R12, R11, R10, R9, R8, RBP, RDI, RSI, RDX, RCX, RBX, RAX uint64
	Kind, Err, RIP, CS, RFLAGS, RSP, SS                                     uint64
}

// Values of Frame.Kind: a trap has its vector there.
const (
	KindCall   = 256 // return from the system call where it was made
	KindReturn = 257 // return to the state in the frame
)

// FPU is where the floating-point state lies that goes with a frame of
// KindReturn, per processor; 0 means that there is none to restore.
var FPU [Processors]uint64

// Error numbers of Linux that are answered.
const (
	eAgain    = 11
	eNoMem    = 12
	eNoEnt    = 2
	eInval    = 22
	eNoSys    = 38
	eTimedOut = 110
)

//go:nosplit
func errno(e uint64) uint64 { return -e }
