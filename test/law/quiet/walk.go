package quiet

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// Law is what a quiet path may do, and where it begins.
type Law struct {
	Roots  []string // functions
	Tables []string // package variables that hold functions, roots all of them

	// Ends are where a path may end: what they do is no longer the quiet path.
	Ends *regexp.Regexp
	// Loud are the functions that may not be called, but for those in Allowed.
	Loud    *regexp.Regexp
	Allowed map[string]string // name → why
	// Hooks are package variables that the program fills at its start with a
	// function; each names what it is filled with.
	Hooks map[string][]string
	// Extended allows the path to touch extended state beyond the XMM registers.
	Extended bool
}

// Offence is one thing that the path may not do.
type Offence struct {
	Chain []string // from a root to the function that does it
	What  string
}

func (o Offence) String() string {
	return strings.Join(o.Chain, " → ") + ": " + o.What
}

// Report is what was found.
type Report struct {
	Offences []Offence
	Path     []*Func // every function of the path, by name
	chains   map[*Func][]string
	edges    map[*Func][]edge
}

// edge is a call of the path, made with so much of the caller's frame in use.
type edge struct {
	to   *Func
	used int
}

// Check follows the law's roots through the image.
func Check(img *Image, law Law) *Report {
	r := &Report{chains: map[*Func][]string{}, edges: map[*Func][]edge{}}
	var queue []*Func
	enter := func(from, f *Func, used int) {
		if from != nil {
			r.edges[from] = append(r.edges[from], edge{f, used})
		}
		if _, ok := r.chains[f]; !ok {
			var chain []string
			if from != nil {
				chain = append(chain, r.chains[from]...)
			}
			r.chains[f] = append(chain, f.Name)
			queue = append(queue, f)
		}
	}
	for _, name := range law.Roots {
		if f := img.Funcs[name]; f != nil {
			enter(nil, f, 0)
		} else {
			r.Offences = append(r.Offences, Offence{[]string{name}, "the image has no such root"})
		}
	}
	for _, name := range law.Tables {
		funcs := img.Table(name)
		if len(funcs) == 0 {
			r.Offences = append(r.Offences, Offence{[]string{name}, "the image has no such table of functions"})
		}
		for _, f := range funcs {
			enter(nil, f, 0)
		}
	}
	tables := map[string]symbol{}
	for len(queue) > 0 {
		f := queue[0]
		queue = queue[1:]
		r.Path = append(r.Path, f)
		r.follow(img, law, f, enter, tables)
	}
	r.unchanged(img, law, tables)
	sort.Slice(r.Path, func(i, j int) bool { return r.Path[i].Name < r.Path[j].Name })
	return r
}

// follow enters every function that f calls, jumps to or may call through a
// table that it names, and notes what f may not do.
func (r *Report) follow(img *Image, law Law, f *Func, enter func(from, f *Func, used int), tables map[string]symbol) {
	offend := func(format string, args ...any) {
		r.Offences = append(r.Offences, Offence{r.chains[f], fmt.Sprintf(format, args...)})
	}
	depth := f.depths()
	deepest, open, resolved := 0, false, false
	reach := func(to *Func, used int, how string) {
		switch {
		case to == f:
			offend("calls itself")
		case law.Ends.MatchString(to.Name):
		case law.Loud.MatchString(to.Name) && law.Allowed[to.Name] == "":
			offend("%s %s", how, to.Name)
		default:
			enter(f, to, used)
		}
	}
	for i, in := range f.insns {
		deepest = max(deepest, depth[i])
		call, indirect := in.calls()
		switch {
		case indirect:
			open = true
		case call || f.leaves(in):
			to := img.at(in.to)
			if to == nil {
				offend("%s to %#x, which is no function", in.op, in.to)
				continue
			}
			used := depth[i]
			if call {
				used += 8
			}
			reach(to, used, "calls")
		}
		if what := in.register(); what != "" && !law.Extended && law.Allowed[f.Name] == "" {
			offend("touches %s: %s %s", what, in.op, in.args)
		}
	}
	for _, in := range f.insns {
		if in.ref == 0 {
			continue
		}
		if to := img.value(in.ref); to != nil && strings.HasPrefix(in.op, "lea") {
			resolved = true
			reach(to, deepest+8, "passes on")
			continue
		}
		s, ok := img.object(in.ref)
		if !ok {
			continue
		}
		var funcs []*Func
		if names, hook := law.Hooks[s.name]; hook {
			for _, name := range names {
				if to := img.Funcs[name]; to != nil {
					funcs = append(funcs, to)
				} else {
					offend("the hook %s is said to hold %s, which the image does not have", s.name, name)
				}
			}
		} else if funcs = img.table(s); len(funcs) > 0 {
			tables[s.name] = s
		}
		for _, to := range funcs {
			resolved = true
			reach(to, deepest+8, "may call, through "+s.name+",")
		}
	}
	if open && !resolved {
		offend("makes an indirect call that cannot be followed")
	}
}

// unchanged holds the tables that were followed to what they hold in the image:
// nothing may write into them while the program runs.
func (r *Report) unchanged(img *Image, law Law, tables map[string]symbol) {
	for _, f := range img.byPC {
		for _, in := range f.insns {
			if in.ref == 0 || !strings.HasSuffix(in.args, "(%rip)") || !strings.HasPrefix(in.op, "mov") {
				continue
			}
			if s, ok := img.object(in.ref); ok && tables[s.name] == s {
				r.Offences = append(r.Offences, Offence{[]string{f.Name}, "changes " + s.name + ", a table that the quiet path calls through"})
			}
		}
	}
}
