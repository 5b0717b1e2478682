package guestfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a guest file.
type Problem struct {
	Line int    `json:"line"` // 0: the file as a whole
	Text string `json:"text"`
}

// Problems are all that is wrong with a guest file, in the order of its lines.
type Problems struct {
	Path string
	List []Problem
}

// Error gives one line for each problem, as compilers do.
func (p *Problems) Error() string {
	var b strings.Builder
	for i, one := range p.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		if one.Line > 0 {
			fmt.Fprintf(&b, "%s:%d: %s", p.Path, one.Line, one.Text)
		} else {
			fmt.Fprintf(&b, "%s: %s", p.Path, one.Text)
		}
	}
	return b.String()
}

// Add notes a problem.
func (p *Problems) Add(line int, format string, args ...any) {
	p.List = append(p.List, Problem{line, fmt.Sprintf(format, args...)})
}

// err returns p, sorted, or nil if nothing is wrong.
func (p *Problems) err() error {
	if len(p.List) == 0 {
		return nil
	}
	slices.SortStableFunc(p.List, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return p
}
