package quiet

import (
	"strconv"
	"strings"
)

// depths returns, for each instruction of f, how many bytes of the stack f has
// in use before it.
//
// Code behind a return or a jump is as deep as the function's body. What is
// pushed after the stack pointer was loaded from elsewhere is another stack.
func (f *Func) depths() []int {
	all := make([]int, len(f.insns))
	now, body := 0, 0
	away := false
	for i, in := range f.insns {
		all[i] = now
		if !away {
			now += in.push()
		}
		body = max(body, now)
		if loads(in) {
			away = true
		}
		if in.goes() {
			now, away = body, false
		}
	}
	return all
}

// push returns by how much the instruction deepens the stack.
func (in insn) push() int {
	switch {
	case strings.HasPrefix(in.op, "push"):
		return 8
	case strings.HasPrefix(in.op, "pop"):
		return -8
	}
	amount, to, ok := strings.Cut(in.args, ",")
	if !ok {
		return 0
	}
	var n int64
	switch {
	case strings.HasPrefix(in.op, "lea") && to == "%rsp" && strings.HasSuffix(amount, "(%rsp)"):
		n, _ = strconv.ParseInt(strings.TrimSuffix(amount, "(%rsp)"), 0, 64)
		return int(-n)
	case to != "%rsp" || !strings.HasPrefix(amount, "$"):
		return 0
	}
	u, err := strconv.ParseUint(amount[1:], 0, 64) // objdump prints a negative number as a large one
	if err != nil {
		return 0
	}
	n = int64(u)
	switch {
	case strings.HasPrefix(in.op, "sub"):
		return int(n)
	case strings.HasPrefix(in.op, "add"):
		return int(-n)
	}
	return 0
}

// loads reports whether the instruction sets the stack pointer to something that
// is not computed from it.
func loads(in insn) bool {
	_, to, ok := strings.Cut(in.args, ",")
	if i := strings.LastIndex(in.args, ","); i >= 0 {
		to = in.args[i+1:]
	}
	return ok && to == "%rsp" && strings.HasPrefix(in.op, "mov")
}

// Deepest returns the most bytes of stack that the path uses below a root, and
// the calls that use it. A path that comes back to itself has no depth: that is
// an offence, and found here.
func (r *Report) Deepest() (bytes int, chain []string) {
	type result struct {
		bytes int
		next  *Func
	}
	done, under := map[*Func]result{}, map[*Func]bool{}
	var visit func(f *Func) int
	visit = func(f *Func) int {
		if d, ok := done[f]; ok {
			return d.bytes
		}
		if under[f] {
			r.Offences = append(r.Offences, Offence{r.chains[f], "calls itself by way of others: its stack has no bound"})
			return 0
		}
		under[f] = true
		var d result
		for _, n := range f.depths() {
			d.bytes = max(d.bytes, n)
		}
		for _, e := range r.edges[f] {
			if n := e.used + visit(e.to); n > d.bytes {
				d = result{n, e.to}
			}
		}
		under[f] = false
		done[f] = d
		return d.bytes
	}
	var top *Func
	for _, f := range r.Path {
		if n := visit(f); n > bytes {
			bytes, top = n, f
		}
	}
	for f := top; f != nil && len(chain) < len(r.Path); f = done[f].next {
		chain = append(chain, f.Name)
	}
	return bytes, chain
}
