package record

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

//go:generate go run -tags prev ./gen -numbers
//go:generate go run -tags next ./gen -numbers
//go:generate go run ./gen

// ledger has the number of every field that there is or ever was, by message and
// by name. A number is never given out twice, nor does a name get another one.
type ledger map[string]map[string]uint64

// Numbers is the ledger as it is kept: a line for each message, and one for each
// of its fields.
//
//go:embed numbers.txt
var Numbers string

// numbers reads the ledger.
func numbers() ledger {
	l, err := parseLedger(Numbers)
	if err != nil {
		panic(err) // the build is broken; its tests say so
	}
	return l
}

func parseLedger(text string) (ledger, error) {
	l := ledger{}
	message, taken := "", map[uint64]string{}
	n := -1
	for line := range strings.SplitSeq(text, "\n") {
		n++
		Rest()
		switch words := strings.Fields(line); {
		case len(words) == 0 || words[0] == "#":
		case len(words) == 1:
			message, taken = words[0], map[uint64]string{}
			if l[message] != nil {
				return nil, fmt.Errorf("line %d: %s again", n+1, message)
			}
			l[message] = map[string]uint64{}
		case len(words) == 2 && message != "":
			v, err := strconv.ParseUint(words[0], 10, 29)
			if err != nil || v == 0 || taken[v] != "" || l[message][words[1]] != 0 {
				return nil, fmt.Errorf("line %d: %q for %s: no number, or given out twice", n+1, line, message)
			}
			taken[v], l[message][words[1]] = words[1], v
		default:
			return nil, fmt.Errorf("line %d: %q", n+1, line)
		}
	}
	return l, nil
}

// add gives a field its number, if it has none.
func (l ledger) add(message, field string) {
	if l[message] == nil {
		l[message] = map[string]uint64{}
	}
	if l[message][field] != 0 {
		return
	}
	most := uint64(0)
	for _, n := range l[message] {
		most = max(most, n)
	}
	l[message][field] = most + 1
}

// String is the ledger as it is kept.
func (l ledger) String() string {
	var b strings.Builder
	b.WriteString("# Numbers of the fields of kept records: go generate ./hhr/record adds to them.\n# None is ever changed, or given out twice.\n")
	for _, m := range slices.Sorted(maps.Keys(l)) {
		fmt.Fprintf(&b, "%s\n", m)
		for _, f := range l.names(m) {
			fmt.Fprintf(&b, "\t%d %s\n", l[m][f], f)
		}
	}
	return b.String()
}

// names returns the fields of a message by number.
func (l ledger) names(message string) []string {
	fields := slices.Collect(maps.Keys(l[message]))
	slices.SortFunc(fields, func(a, b string) int { return int(l[message][a]) - int(l[message][b]) })
	return fields
}
