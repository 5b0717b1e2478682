//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/x86"
	"perdure/partition/abi"
)

// A self check whose last step a fault of ours cut off, while it was being noted, has all of
// its parts behind it and no verdict yet: whoever goes on asking gets one.
func TestCheckComesToItsEnd(t *testing.T) {
	bench(t, 1)
	const request = 7
	tab.Host.Check = Check{
		Part: uint64(len(parts)), Began: x86.RDTSC(), Asked: x86.RDTSC(),
		Report: abi.Check{Request: request, State: abi.CheckRunning},
	}
	tab.Host.Check.Report.Items[0].Examined = 1
	r, err := check(request)
	assert.Zero(t, err)
	assert.Equal(t, abi.CheckState(abi.CheckDone), r.State)
	assert.Equal(t, abi.Verdict(abi.VerdictGood), r.Items[0].Verdict)
}
