package quiet

import (
	"bufio"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// insn is one instruction in GNU syntax.
type insn struct {
	pc   uint64
	op   string // mnemonic, with its prefixes
	args string
	to   uint64 // where a direct call or jump goes
	ref  uint64 // the address that a RIP-relative operand names
}

// disassemble has GNU objdump read the code: it knows every instruction that the
// Go tools know, and those that we write as bytes.
func (img *Image) disassemble(file string) error {
	cmd := exec.Command("objdump", "-d", "-w", "--no-show-raw-insn", "--section=.text", file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("objdump, from Debian's binutils package: %w", err)
	}
	next := 0
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		in, ok := parse(lines.Text())
		if !ok {
			continue
		}
		for next < len(img.byPC) && img.byPC[next].end <= in.pc {
			next++
		}
		if next < len(img.byPC) && img.byPC[next].start <= in.pc {
			f := img.byPC[next]
			f.insns = append(f.insns, in)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return cmd.Wait()
}

// parse reads one line such as
//
//	40001234:	lea    0x1e9(%rip),%rax        # 40001424 <partition.exits>
func parse(line string) (insn, bool) {
	at, rest, ok := strings.Cut(line, ":\t")
	if !ok {
		return insn{}, false
	}
	pc, err := strconv.ParseUint(strings.TrimSpace(at), 16, 64)
	if err != nil {
		return insn{}, false
	}
	in := insn{pc: pc}
	rest, remark, _ := strings.Cut(rest, " # ")
	words := strings.Fields(rest)
	for len(words) > 0 && prefixes[words[0]] {
		in.op += words[0] + " "
		words = words[1:]
	}
	if len(words) == 0 {
		return in, true
	}
	in.op += words[0]
	in.args = strings.Join(words[1:], " ")
	if strings.HasPrefix(words[0], "call") || strings.HasPrefix(words[0], "j") {
		if len(words) > 1 && !strings.HasPrefix(words[1], "*") {
			in.to, _ = strconv.ParseUint(words[1], 16, 64)
		}
	}
	if remark != "" {
		first, _, _ := strings.Cut(strings.TrimSpace(remark), " ")
		in.ref, _ = strconv.ParseUint(first, 16, 64)
	}
	return in, true
}

var prefixes = map[string]bool{
	"lock": true, "rep": true, "repz": true, "repnz": true, "data16": true, "cs": true, "ds": true, "notrack": true, "bnd": true,
}

// calls reports whether the instruction is a call, and whether the target is in
// a register or in memory.
func (in insn) calls() (call, indirect bool) {
	call = strings.HasPrefix(in.op, "call") || strings.HasSuffix(in.op, " call") || strings.HasSuffix(in.op, " callq")
	return call, call && strings.HasPrefix(in.args, "*")
}

// leaves reports whether the instruction jumps out of f, to another function.
func (f *Func) leaves(in insn) bool {
	return strings.HasPrefix(in.op, "j") && in.to != 0 && (in.to < f.start || in.to >= f.end)
}

// goes reports whether control never passes to the next instruction.
func (in insn) goes() bool {
	switch in.op {
	case "ret", "retq", "jmp", "jmpq", "iretq", "ud2", "int3":
		return true
	}
	return false
}
