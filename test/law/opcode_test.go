package law

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The Go assembler lacks instructions that a hypervisor needs, VMX's first of
// all. They are written as bytes, with what they mean in a comment behind them:
//
//	#define VMREAD_AX_BX BYTE $0x0f; BYTE $0x78; BYTE $0xc3 // vmread %rax,%rbx
//
// This law has GNU objdump read the bytes and compares.

var (
	datum  = regexp.MustCompile(`\b(BYTE|WORD|LONG|QUAD)\s+\$(0[xX][0-9a-fA-F]+|\d+)`)
	remark = regexp.MustCompile(`//\s*(.*)$|/\*\s*(.*?)\s*\*/`)
)

// literal returns the bytes that a line of assembly writes out, in runs that
// other statements part, and the remark that says what they are.
func literal(line string) (code [][]byte, means string) {
	if m := remark.FindStringSubmatch(line); m != nil {
		means = m[1] + m[2]
		line = line[:strings.Index(line, m[0])]
	}
	follows := false
	for statement := range strings.SplitSeq(line, ";") {
		m := datum.FindStringSubmatch(statement)
		if m == nil {
			follows = false
			continue
		}
		if !follows {
			code = append(code, nil)
			follows = true
		}
		run := &code[len(code)-1]
		v, _ := strconv.ParseUint(m[2], 0, 64)
		for range map[string]int{"BYTE": 1, "WORD": 2, "LONG": 4, "QUAD": 8}[m[1]] {
			*run = append(*run, byte(v))
			v >>= 8
		}
	}
	return code, means
}

func TestBytesAreWhatTheySay(t *testing.T) {
	n := 0
	for _, f := range sources(t, "_amd64.s") {
		for i, line := range f.lines {
			code, means := literal(line)
			if len(code) == 0 || strings.HasPrefix(line, "DATA") {
				continue
			}
			n++
			if got := decode(t, code); !same(got, means) {
				t.Errorf("%s:%d: % x is %q, the remark says %q", f.path, i+1, code, got, means)
			}
		}
	}
	t.Logf("%d instructions written as bytes", n)
}

// decode has objdump read each run and returns the instructions, joined by "; ".
func decode(t *testing.T, code [][]byte) string {
	t.Helper()
	var all []string
	for _, run := range code {
		all = append(all, decodeRun(t, run)...)
	}
	return strings.Join(all, "; ")
}

func decodeRun(t *testing.T, code []byte) (all []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "code")
	if err := os.WriteFile(file, code, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("objdump", "-D", "-w", "-z", "--no-show-raw-insn", "-b", "binary", "-m", "i386:x86-64", file).Output()
	if err != nil {
		t.Fatalf("objdump, from Debian's binutils package: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if at, insn, ok := strings.Cut(line, ":\t"); ok && strings.HasPrefix(at, " ") {
			all = append(all, strings.TrimSpace(insn))
		}
	}
	return all
}

// same compares two instructions in GNU syntax; how the operands are spaced and
// whether the mnemonic carries its size do not matter, and the remark may go on
// in words after a colon.
func same(got, means string) bool {
	means, _, _ = strings.Cut(means, ":")
	plain := func(s string) string {
		var out []string
		for insn := range strings.SplitSeq(strings.ToLower(s), ";") {
			name, operands, _ := strings.Cut(strings.TrimSpace(insn), " ")
			out = append(out, strings.TrimSuffix(name, "q")+" "+strings.ReplaceAll(operands, " ", ""))
		}
		return strings.Join(out, ";")
	}
	return plain(got) == plain(means)
}

func TestBytesSeeAnOffence(t *testing.T) {
	for _, c := range []struct {
		line string
		good bool
	}{
		{`#define VMREAD_AX_BX BYTE $0x0f; BYTE $0x78; BYTE $0xc3 // vmread %rax, %rbx`, true},
		{`#define VMREAD_AX_BX BYTE $0x0f; BYTE $0x78; BYTE $0xc3 // vmread %rbx, %rax`, false},
		{`	BYTE $0xC3 // ret: the assembler counts PUSH and POP at its own RET`, true},
		{`	WORD $0x010f; BYTE $0xc1 /* vmcall */`, true},
		{`	BYTE $0x0f; BYTE $0x01; BYTE $0xc2`, false},
		{`	BYTE $0xfb; BYTE $0xf4 // sti; hlt`, true},
		{`#define PLAIN BYTE $0x6a; BYTE $0; CALL ·enter(SB); BYTE $0x90 // push $0x0; nop`, true},
	} {
		code, means := literal(c.line)
		if got := decode(t, code); same(got, means) != c.good {
			t.Errorf("%s: decoded as %q, remark %q", c.line, got, means)
		}
	}
}
