package system

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// remembered is how many recoveries "hvctl resets" knows.
const remembered = 16

// often has the hypervisor recover again and again: afterwards memory is what it was, and
// a recovery takes what it took.
func (m *machine) often(times int) {
	m.t.Helper()
	before, edge := m.info(), min(50, times/2)
	first := m.edge(1, edge)
	for left, seed := times-2*edge, uint64(1000); left > 0; left, seed = left-100, seed+1 {
		m.injected(fmt.Sprintf("--kind failstop --wait 3s --seed %d --count %d", seed, min(left, 100)))
	}
	last := m.edge(2000, edge)
	after := m.info()
	m.must("hvctl check")
	m.must("hvctl check memory")
	assert.Equal(m.t, before.Memory, after.Memory, "memory after %d recoveries", after.Resets-before.Resets)
	m.t.Logf("%d microresets of %d faults: %d bytes free, %d kept, before and after", after.Resets-before.Resets, times, after.Memory.Free, after.Memory.KeptUsed)
	for i, what := range []string{"from the fault to noticing it", "from there until a processor goes on", "from there until all do"} {
		a, b := middle(first, i), middle(last, i)
		m.t.Logf("ticks %s, the middle of the first %d and of the last %d: %d, %d", what, len(first), len(last), a, b)
		assert.InEpsilon(m.t, a, b, 0.5, what)
	}
}

// latencies are the last three columns of "hvctl resets": how long it took until the
// fault was noticed, and from there until the first and the last processor went on.
type latencies [3]int

// edge makes faults by chance, and returns what the recoveries from them took.
func (m *machine) edge(seed uint64, times int) (list []latencies) {
	m.t.Helper()
	for left := times; left > 0; left, seed = left-remembered, seed+1 {
		made := m.injected(fmt.Sprintf("--kind failstop --wait 3s --check 0 --seed %d --count %d", seed, min(left, remembered)))
		lines := strings.Split(strings.TrimSpace(m.must("hvctl resets")), "\n")
		for _, line := range lines[max(1, len(lines)-made["microreset"]):] {
			words := strings.Fields(line)
			var l latencies
			whole := true // of one that another processor has noticed nobody knows when it began
			for i := range l {
				n, err := strconv.Atoi(words[len(words)-len(l)+i])
				whole = whole && err == nil
				l[i] = n
			}
			if !whole {
				continue
			}
			list = append(list, l)
		}
	}
	require.NotEmpty(m.t, list)
	return list
}

// middle is the median of one of them.
func middle(list []latencies, which int) int {
	var all []int
	for _, l := range list {
		all = append(all, l[which])
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// asked reads a number from the environment, which may not say any.
func asked(t *testing.T, name string, otherwise int) int {
	t.Helper()
	word := os.Getenv(name)
	if word == "" {
		return otherwise
	}
	n, err := strconv.Atoi(word)
	require.NoError(t, err, name)
	return n
}
