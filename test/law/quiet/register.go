package quiet

import (
	"regexp"
	"sort"
	"strings"
)

var (
	vector = regexp.MustCompile(`%(xmm\d+)`)
	beyond = regexp.MustCompile(`%(ymm\d+|zmm\d+|k[0-7]\b|mm[0-7]\b|st\b|bnd\d|tmm\d)`)
)

// register says which part of a guest's extended state, beyond the XMM registers
// that an entry saves, the instruction would spoil.
func (in insn) register() string {
	if m := beyond.FindStringSubmatch(in.args); m != nil {
		return m[1]
	}
	switch op := in.op; {
	case strings.HasPrefix(op, "ldmxcsr") || strings.HasPrefix(op, "vldmxcsr"):
		return "MXCSR"
	case op == "emms" || op == "fninit" || op == "fxrstor" || op == "fxrstor64":
		return "the x87 state"
	case strings.HasPrefix(op, "vzero"):
		return "the upper halves"
	}
	return ""
}

// XMM returns the XMM registers that the path names, and for each the functions
// that do. That code zeroes X15 after a call into assembly is the Go compiler's
// way, and counts like any other use.
func (r *Report) XMM() map[string][]string {
	used := map[string]map[string]bool{}
	for _, f := range r.Path {
		for _, in := range f.insns {
			for _, m := range vector.FindAllStringSubmatch(in.args, -1) {
				if used[m[1]] == nil {
					used[m[1]] = map[string]bool{}
				}
				used[m[1]][f.Name] = true
			}
		}
	}
	all := map[string][]string{}
	for reg, funcs := range used {
		for name := range funcs {
			all[reg] = append(all[reg], name)
		}
		sort.Strings(all[reg])
	}
	return all
}
