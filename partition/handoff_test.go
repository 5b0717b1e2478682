//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A virtual processor stands from when it could have run and did not: not while it sleeps, and
// from its waking on if it has slept.
func TestStands(t *testing.T) {
	_, p := bench(t, 1)
	v := p.VP(0)
	for _, s := range []struct {
		name         string
		state        VPState
		exit, ready  uint64
		since, begun uint64
	}{
		{"it ran until now", VPRun, 900, 0, 900, 1000},
		{"it waits for its turn", VPRun, 900, 905, 905, 1000},
		{"it has slept for long and was woken", VPRun, 100, 950, 950, 1000},
		{"it is woken now", VPRun, 100, 1001, 1000, 1000},
		{"it sleeps", VPHalted, 100, 0, 1000, 1000},
	} {
		v.State, v.Ctx.TSC, v.Ready = s.state, s.exit, s.ready
		assert.Equal(t, s.since, v.stands(s.begun), s.name)
	}
}
