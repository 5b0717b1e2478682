package main

import (
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/call"
	"perdure/partition/abi"
)

var portTest = test{"port", "who may make hypercalls from user space, and who is refused", func(*flag.FlagSet) func(*report) {
	return port
}}

// blindWord makes hvtest the child that tries the port without permission.
const blindWord = "-blind"

// Exit statuses of that child.
const (
	blindRefused   = 10 // both the kernel and the processor refused, as they must
	blindPermitted = 11 // the kernel gave the port away
	blindReached   = 12 // the OUT was not refused
)

// blind runs as nobody: asks for the port, and makes a call without it.
func blind(io.Writer) int {
	lock()
	if unix.Ioperm(abi.Port, abi.PortWidth, 1) == nil {
		return blindPermitted
	}
	if call.Do(&call.Regs{AX: abi.Word(abi.CallNull)}) == nil {
		return blindReached
	}
	return blindRefused
}

func port(r *report) {
	null := call.Regs{AX: abi.Word(abi.CallNull)}
	r.check(errors.Is(call.Do(&null), call.ErrPort), "root without the port was not refused")

	child := exec.Command("/proc/self/exe", blindWord)
	child.Stderr = os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	err := child.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = nil
	}
	if r.error("the child as nobody", err) {
		r.check(exit != nil && exit.ExitCode() == blindRefused, "nobody: %v, want exit status %d", child.ProcessState, blindRefused)
	}

	if err := call.Acquire(); !r.error("root asks for the port", err) {
		return
	}
	null = call.Regs{AX: abi.Word(abi.CallNull)}
	r.error("root with the port", call.Do(&null))
	other := make(chan error)
	go func() {
		lock() // the thread ends with the goroutine
		r := call.Regs{AX: abi.Word(abi.CallNull)}
		other <- call.Do(&r)
	}()
	r.check(errors.Is(<-other, call.ErrPort), "a thread that did not ask for the port was not refused")
	if !call.Here() {
		r.skip("Perdure is not below: nobody answers calls")
		return
	}
	r.check(null.AX == 0, "the null call answered %#x", null.AX)
	null = call.Regs{AX: abi.Word(abi.CallNull)}
	call.TryVMCALL(&null)
	r.check(null.AX == abi.ErrRights.RAX(), "VMCALL from user space answered %#x, want no right", null.AX)
	c, err := call.Open()
	if r.error("hypercall port", err) {
		_, calls, err := c.Call(abi.CallVersion, nil)
		r.error("version", err)
		const all = 1<<abi.NumCalls - 2 - 1<<abi.CallService // that one is a candidate's
		r.check(calls == all, "root may make calls %#x, want %#x", calls, uint64(all))
	}
}
