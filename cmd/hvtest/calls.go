package main

import (
	"bytes"
	"flag"
	"fmt"

	"golang.org/x/sys/unix"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/partition/abi"
)

var callsTest = test{"calls", "make bad hypercalls: a status and a counter, and nothing else", func(fs *flag.FlagSet) func(*report) {
	numbers := fs.Int("numbers", 0x200, "calls with numbers below this")
	return func(r *report) { calls(r, *numbers) }
}}

// trap is memory that a call must not reach: [read-only page][page][no page].
type trap struct {
	mem            []byte
	readOnly, page uint64 // addresses
}

const pageSize = 4096

func newTrap() (*trap, error) {
	mem, err := unix.Mmap(-1, 0, 3*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, err
	}
	for i := range mem[:2*pageSize] {
		mem[i] = 0xa5
	}
	if err := unix.Mprotect(mem[:pageSize], unix.PROT_READ); err != nil {
		return nil, err
	}
	if err := unix.Munmap(mem[2*pageSize:]); err != nil {
		// Only whole mappings can be unmapped through this interface: take the rights instead.
		if err := unix.Mprotect(mem[2*pageSize:], unix.PROT_NONE); err != nil {
			return nil, err
		}
	}
	at := addressOf(mem)
	return &trap{mem, at, at + pageSize}, nil
}

// wild are words that no call should be made with.
func (t *trap) wild() []uint64 {
	return []uint64{
		0, 1, 7, abi.MaxBuffer, abi.MaxBuffer + 1, 1 << 20, 1<<32 - 1, 1 << 47, 1<<63 - 1, 1 << 63, ^uint64(0),
		0xffffffff81000000, // the kernel's text
		0xffff888000000000, // the kernel's map of all memory
		t.readOnly, t.page + pageSize - 3, t.page + pageSize,
	}
}

// answers are all that a call may come back with.
func knownAnswer(rax uint64) bool {
	_, errno := abi.Result(rax)
	switch errno {
	case 0, abi.ErrRights, abi.ErrNone, abi.ErrFault, abi.ErrBusy, abi.ErrArgument, abi.ErrCall, abi.ErrVersion, abi.ErrKVM:
		return true
	}
	return false
}

func calls(r *report, numbers int) {
	if !call.Here() {
		r.skip("Perdure is not below: nobody answers calls")
		return
	}
	c, err := call.Open()
	if !r.error("hypercall port", err) {
		return
	}
	t, err := newTrap()
	if !r.error("memory", err) {
		return
	}
	before, err := ask.Counters(c, 0, abi.AllVPs)
	r.error("counters", err)
	made, refused := 0, uint64(0)
	try := func(word uint64, args [6]uint64) uint64 {
		regs := call.Regs{AX: word, DI: args[0], SI: args[1], BX: args[2], R10: args[3], R8: args[4], R9: args[5]}
		r.error(fmt.Sprintf("word %#x", word), call.Do(&regs))
		made++
		if int64(regs.AX) < 0 {
			refused++
		}
		r.check(knownAnswer(regs.AX), "word %#x, arguments %#x: answer %#x", word, args, regs.AX)
		return regs.AX
	}
	wild := t.wild()
	for n := range numbers {
		for i := range wild {
			word := uint64(n) | abi.Version<<16
			if abi.Call(n) == abi.CallConsole && n < abi.NumCalls {
				continue // it may print what lies there, which is well
			}
			w := func(k int) uint64 { return wild[(i+k*5)%len(wild)] }
			rax := try(word, [6]uint64{w(0), w(1), w(2), w(3), w(4), w(5)})
			if n == 0 || n >= abi.NumCalls {
				r.check(rax == abi.ErrCall.RAX(), "call %d: answer %#x, want no such call", n, rax)
			}
		}
		r.check(try(uint64(n), [6]uint64{}) == abi.ErrKVM.RAX(), "version 0, call %d is not refused as KVM does", n)
		r.check(try(uint64(n)|2<<16, [6]uint64{}) == abi.ErrVersion.RAX(), "version 2, call %d is not refused", n)
		r.check(try(uint64(n)|1<<16|1<<40, [6]uint64{}) == abi.ErrVersion.RAX(), "high bits, call %d is not refused", n)
	}
	for _, at := range []uint64{0xffffffff81000000, 0xffff888000000000, t.readOnly, t.page + pageSize, 1 << 47, ^uint64(0) - 7} {
		rax := try(abi.Word(abi.CallInfo), [6]uint64{at, uint64(abi.InfoSize)})
		r.check(int64(rax) < 0, "a record was written to %#x: answer %#x", at, rax)
	}
	r.check(bytes.Count(t.mem[:pageSize], []byte{0xa5}) == pageSize, "a read-only page was written")
	refused += notPresent(r)
	after, err := ask.Counters(c, 0, abi.AllVPs)
	r.error("counters", err)
	r.value("calls.made", made)
	r.value("calls.refused", refused)
	counted := after.CallErrs - before.CallErrs
	r.value("calls.counted", counted)
	r.check(counted >= refused && counted <= refused+100, "%d calls were refused, %d are counted", refused, counted)
}

// notPresent gives a call pages that are not there yet: it must say which, and
// must do its work once they are touched. It returns how many calls were refused.
func notPresent(r *report) (refused uint64) {
	mem, err := unix.Mmap(-1, 0, 2*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if !r.error("memory", err) {
		return 0
	}
	defer unix.Munmap(mem)
	start := addressOf(mem) + pageSize - 64 // on both pages
	info := func() (rax, rdx uint64) {
		regs := call.Regs{AX: abi.Word(abi.CallInfo), DI: start, SI: uint64(abi.InfoSize)}
		r.error("info", call.Do(&regs))
		return regs.AX, regs.DX
	}
	for page := range 2 {
		rax, rdx := info()
		want := addressOf(mem) + uint64(page)*pageSize
		r.check(rax == abi.ErrFault.RAX() && rdx&^(pageSize-1) == want, "page %d is not there: answer %#x, address %#x, want %#x", page, rax, rdx, want)
		refused++
		mem[page*pageSize] = 0
	}
	rax, _ := info()
	var i abi.Info
	_, err = abi.Decode(mem[pageSize-64:], &i, false)
	r.check(rax == uint64(abi.InfoSize) && err == nil && i.TSCHz != 0, "touched pages: answer %#x, %v", rax, err)
	return refused
}
