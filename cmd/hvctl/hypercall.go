package main

import (
	"flag"
	"fmt"
	"strconv"

	"perdure/cmd/internal/call"
	"perdure/partition/abi"
)

var cmdHypercall = command{
	name:   "hypercall",
	args:   " WORD [ARGUMENT...]",
	hidden: true,
	short:  "Make one call with any words, for tests",
	long: `WORD is the whole of RAX: the number, and the version from bit 16 on. Arguments go
where argument 1 to 6 go. A call that the hypervisor answers is a success here,
whatever the answer.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		blind := fs.Bool("blind", false, "make the OUT without asking the kernel for the port")
		return func(e *env, args []string) error { return hypercall(e, args, *blind) }
	},
}

// hypercallJSON is the answer of "hvctl hypercall --json".
type hypercallJSON struct {
	RAX   int64  `json:"rax"`
	RDX   uint64 `json:"rdx"`
	Error string `json:"error,omitempty"`
}

func hypercall(e *env, args []string, blind bool) error {
	var words [7]uint64
	if len(args) == 0 || len(args) > len(words) {
		return usageError("one word and at most six arguments")
	}
	for i, a := range args {
		n, err := strconv.ParseUint(a, 0, 64)
		if err != nil {
			return usageError(fmt.Sprintf("%q is no number", a))
		}
		words[i] = n
	}
	if !blind {
		if err := call.Acquire(); err != nil {
			return err
		}
	}
	r := call.Regs{AX: words[0], DI: words[1], SI: words[2], BX: words[3], R10: words[4], R8: words[5], R9: words[6]}
	if err := call.Do(&r); err != nil {
		return err
	}
	answer := hypercallJSON{RAX: int64(r.AX), RDX: r.DX}
	if _, errno := abi.Result(r.AX); errno != 0 {
		answer.Error = errno.Error()
	}
	if e.json {
		return e.emit(answer)
	}
	fmt.Fprintf(e.out, "rax %d, rdx %#x %s\n", answer.RAX, answer.RDX, answer.Error)
	return nil
}
