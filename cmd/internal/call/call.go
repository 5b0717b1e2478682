// Package call makes hypercalls from a process in a partition.
//
// The one idea: a call either reaches the hypervisor or comes back as an error
// that says which of the things between them is missing.
package call

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// Why a call could not be made at all.
var (
	ErrNotHere   = errors.New("no Perdure below: CPUID leaf 0x40000000 has another signature, or none")
	ErrNoRight   = errors.New("this partition may not make hypercalls from user space")
	ErrPrivilege = errors.New("the hypercall port is refused: this needs root (CAP_SYS_RAWIO), and a kernel that is not locked down")
	ErrPort      = errors.New("the processor refused the OUT to the hypercall port: this thread does not hold the port")
)

// port is abi.Port under a name that the stub sees.
const port = abi.Port

// Regs are the registers of one call, in the order that the stub loads them.
type Regs struct {
	AX, DI, SI, BX, R10, R8, R9 uint64 // BX is argument 3
	DX                          uint64 // second result
}

// Port is the way to the hypervisor, held by the operating-system thread that
// opened it: no other thread of the process has it.
type Port struct{}

// Open looks for Perdure, asks the kernel for the hypercall port, and ties the
// calling goroutine to its thread.
func Open() (Port, error) {
	if !Here() {
		return Port{}, ErrNotHere
	}
	_, b, _, _ := x86.CPUID(abi.LeafRights, 0)
	if b != abi.Port {
		return Port{}, ErrNoRight
	}
	return Port{}, Acquire()
}

// Acquire asks the kernel for the port and nothing else: tests begin here.
func Acquire() error {
	runtime.LockOSThread()
	if err := unix.Ioperm(abi.Port, abi.PortWidth, 1); err != nil {
		return fmt.Errorf("%w (%v)", ErrPrivilege, err)
	}
	return nil
}

// Here reports whether Perdure is below us.
func Here() bool {
	top, b, c, d := x86.CPUID(abi.LeafMax, 0)
	return b == abi.SignatureB && c == abi.SignatureC && d == abi.SignatureD && top >= abi.LeafRights
}

// touches bounds how often a buffer's pages are brought back for one call; under
// memory pressure they may go away again before the call.
const touches = 100

// Call makes the call n. If buf is not nil, its address and length are the
// arguments after args. It returns RAX and RDX.
func (Port) Call(n abi.Call, buf []byte, args ...uint64) (count, second uint64, err error) {
	if buf != nil {
		var pin runtime.Pinner
		defer pin.Unpin()
		args = append(args[:len(args):len(args)], pinned(&pin, buf), uint64(len(buf)))
	}
	var a [6]uint64
	if copy(a[:], args) < len(args) {
		return 0, 0, abi.ErrArgument
	}
	reach := touch
	if n == abi.CallLoad { // which only reads it
		reach = look
	}
	for range touches {
		reach(buf)
		r := Regs{abi.Word(n), a[0], a[1], a[2], a[3], a[4], a[5], 0}
		if err := Do(&r); err != nil {
			return 0, 0, err
		}
		count, errno := abi.Result(r.AX)
		switch errno {
		case 0:
			return count, r.DX, nil
		case abi.ErrFault:
			continue
		}
		return 0, r.DX, errno
	}
	return 0, 0, abi.ErrFault
}

// touch makes the pages of b present and writable; what they hold may be what
// the call sends, so it stays.
func touch(b []byte) {
	for i := 0; i < len(b); i += 4096 {
		store(&b[i], b[i])
	}
	if len(b) > 0 {
		store(&b[len(b)-1], b[len(b)-1])
	}
}

// look makes the pages of b present.
func look(b []byte) {
	for i := 0; i < len(b); i += 4096 {
		fetch(&b[i])
	}
	if len(b) > 0 {
		fetch(&b[len(b)-1])
	}
}

// fetch reads *p, which the compiler would leave out.
//
//go:noinline
func fetch(p *byte) byte { return *p }

// store writes c to *p; the compiler would leave out *p = *p.
//
//go:noinline
func store(p *byte, c byte) { *p = c }

// Do makes one call with any registers. A thread without the port gets ErrPort:
// the processor's #GP comes as SIGSEGV, and that as a panic to be caught here.
func Do(r *Regs) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = ErrPort
		}
	}()
	out(r)
	return nil
}
