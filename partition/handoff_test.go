//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/vmx/vmcs"
)

// A virtual processor stands from when it could have run and did not: from its last exit on, not
// while it sleeps, and from its waking on if it has slept.
func TestStands(t *testing.T) {
	_, p := bench(t, 1)
	v := p.VP(0)
	for _, s := range []struct {
		name         string
		state        VPState
		reason       vmcs.Reason
		exit, ready  uint64
		since, begun uint64
	}{
		{"it ran until now", VPRun, vmcs.ReasonExternalInterrupt, 900, 0, 900, 1000},
		{"it waits for its turn", VPRun, vmcs.ReasonExternalInterrupt, 900, 905, 900, 1000},
		{"it has slept for long and was woken", VPRun, vmcs.ReasonHLT, 100, 950, 950, 1000},
		{"it is woken now", VPRun, vmcs.ReasonHLT, 100, 1001, 1000, 1000},
		{"it sleeps", VPHalted, vmcs.ReasonHLT, 100, 0, 1000, 1000},
	} {
		v.State, v.Ctx.Reason, v.Ctx.TSC, v.Ready = s.state, uint64(s.reason), s.exit, s.ready
		assert.Equal(t, s.since, v.stands(s.begun), s.name)
	}
}
