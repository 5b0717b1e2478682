package guestfile

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// kind is what a TOML value is, in the words of its problems.
type kind string

const (
	kindText   kind = "a text in quotes"
	kindNumber kind = "a whole number"
	kindFlag   kind = "true or false"
	kindList   kind = "a list in [ ]"
	kindOther  kind = "something else"
)

// value is a TOML value and where it stands.
type value struct {
	line int
	kind kind
	text string // of a text, number or flag
	list []value
}

// table is a table of keys and values, or one element of an array of tables.
type table struct {
	name string // "" for the top
	line int
	keys []entry
}

type entry struct {
	name  string
	value value
	used  bool
}

// document is a guest file before anybody asked what its keys mean.
type document struct {
	top    *table
	groups map[string][]*table // [[net]] and so on, in order
}

// parseTree reads TOML; a mistake in the syntax ends it.
func parseTree(text []byte, p *Problems) *document {
	d := &document{top: &table{line: 1}, groups: map[string][]*table{}}
	at := d.top
	var parser unstable.Parser
	parser.Reset(text)
	line := func(n *unstable.Node) int {
		return parser.Shape(n.Raw).Start.Line
	}
	for parser.NextExpression() {
		e := parser.Expression()
		name, first := path(e)
		where := line(first)
		switch e.Kind {
		case unstable.ArrayTable:
			at = &table{name: name, line: where}
			d.groups[name] = append(d.groups[name], at)
		case unstable.Table:
			p.Add(where, "[%s] is one table of that name; [[%s]], with two brackets, is one of several", name, name)
			at = &table{name: name, line: where}
			d.groups[name] = append(d.groups[name], at)
		case unstable.KeyValue:
			at.add(name, valueOf(e.Value(), where), p)
		}
	}
	var syntax *unstable.ParserError
	if errors.As(parser.Error(), &syntax) {
		where := strings.Count(string(text), "\n") + 1
		if len(syntax.Highlight) > 0 {
			where = parser.Shape(parser.Range(syntax.Highlight)).Start.Line
		}
		p.Add(where, "this is not TOML: %s", strings.TrimPrefix(syntax.Message, "toml: "))
	}
	return d
}

// path returns a key as it is written, dots included, and its first part.
func path(e *unstable.Node) (name string, first *unstable.Node) {
	var parts []string
	for it := e.Key(); it.Next(); {
		if first == nil {
			first = it.Node()
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), first
}

func (t *table) add(name string, v value, p *Problems) {
	for _, k := range t.keys {
		if k.name == name {
			p.Add(v.line, "%s is given twice, first in line %d", name, k.value.line)
			return
		}
	}
	t.keys = append(t.keys, entry{name: name, value: v})
}

// valueOf copies a value: the parser's nodes do not last.
func valueOf(n *unstable.Node, line int) value {
	v := value{line: line, text: string(n.Data)}
	switch n.Kind {
	case unstable.String:
		v.kind = kindText
	case unstable.Integer:
		v.kind = kindNumber
	case unstable.Bool:
		v.kind = kindFlag
	case unstable.Array:
		v.kind = kindList
		for it := n.Children(); it.Next(); {
			v.list = append(v.list, valueOf(it.Node(), line))
		}
	default:
		v.kind = kindOther
	}
	return v
}
