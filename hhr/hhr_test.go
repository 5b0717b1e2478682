//go:build !metal

package hhr

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition"
	"perdure/partition/abi"
)

const mib = 1 << 20

// under is a restart in a phase, of a machine that has nothing but kept state.
// Its candidate has started and stands ready.
func under(t *testing.T, p abi.RestartPhase) (*partition.Restart, *partition.Host) {
	t.Helper()
	console.Adopt(new(console.State), false)
	require.NoError(t, phys.Fake(128*mib))
	home := boot.Region{Start: 16 * mib, Size: 32 * mib}
	require.NoError(t, mm.Start(mm.Layout{Map: boot.NewMap([]boot.Region{{Size: 128 * mib, Kind: boot.RAM}}), Home: home}))
	kernel.Boot().Home, kernel.Boot().HomeSize = home.Start, home.Size
	require.NoError(t, partition.Open())
	h, err := kept.Table[partition.Host](kept.KindHost, 1)
	require.NoError(t, err)
	h[0].TSCHz = 1 << 32
	r := partition.Restarting()
	r.Report.Number, r.Report.FreeBefore = 1, mm.Totals()[mm.Free]
	r.Home, r.Seat, r.Done, r.Of, r.Deadline = 64*mib, 64*mib, 5, 5, math.MaxUint64
	r.Enter(p)
	return r, &h[0]
}

// steps goes on until r is in phase p, or nothing happens any more.
func steps(r *partition.Restart, p abi.RestartPhase) {
	for range 20 {
		if r.Phase() != p {
			step(r)
		}
	}
}

func TestEdges(t *testing.T) {
	for _, c := range []struct {
		edge string
		fail uint64
	}{
		{"boot:begin", 1 + 2*uint64(abi.PhaseBoot)}, {"boot:end", 2 + 2*uint64(abi.PhaseBoot)},
		{"mirror:begin", 1 + 2*uint64(abi.PhaseMirror)}, {"mirror:end", 2 + 2*uint64(abi.PhaseMirror)},
		{"rehearse:begin", 1 + 2*uint64(abi.PhaseRehearse)}, {"rehearse:end", 2 + 2*uint64(abi.PhaseRehearse)},
		{"ready:begin", 1 + 2*uint64(abi.PhaseReady)},
	} {
		r, _ := under(t, abi.PhaseBoot)
		r.Fail = c.fail
		steps(r, abi.PhaseFailed)
		assert.Equal(t, abi.PhaseFailed, r.Phase(), c.edge)
		assert.Contains(t, abi.Text(r.Report.Reason[:]), "asked for", c.edge)
		assert.Equal(t, r.Report.FreeBefore, r.Report.FreeAfter, c.edge)
		assert.Zero(t, r.Watch, c.edge)
	}
	r, _ := under(t, abi.PhaseBoot)
	steps(r, abi.PhaseReady)
	assert.Equal(t, abi.PhaseReady, r.Phase(), "and without a failure it goes on")
}

func TestTrouble(t *testing.T) {
	for _, c := range []struct {
		name  string
		cause func(r *partition.Restart, h *partition.Host)
		says  string
	}{
		{"an abort", func(r *partition.Restart, _ *partition.Host) { r.Abort = 1 }, "its end"},
		{"a reset", func(_ *partition.Restart, h *partition.Host) { h.Resets++ }, "volatile state"},
		{"silence", func(r *partition.Restart, _ *partition.Host) { r.Deadline = 1 }, "sign of life"},
		{"a long time", func(r *partition.Restart, h *partition.Host) { h.TSCHz, r.Report.At[abi.PhaseBoot] = 1, 1 }, "too long"},
	} {
		r, h := under(t, abi.PhaseBoot)
		r.Seat, r.Done = 0, 0
		step(r)
		require.Equal(t, abi.PhaseBoot, r.Phase(), "it waits")
		c.cause(r, h)
		steps(r, abi.PhaseFailed)
		assert.Equal(t, abi.PhaseFailed, r.Phase(), c.name)
		assert.Contains(t, abi.Text(r.Report.Reason[:]), c.says, c.name)
	}
}

// After the handoff every failure leads back, and the old instance, when it finds
// itself running, knows what has been.
func TestUndone(t *testing.T) {
	for _, c := range []struct {
		name  string
		phase abi.RestartPhase
		cause func(r *partition.Restart, h *partition.Host)
		says  string
	}{
		{"a reset", abi.PhaseUndo, func(_ *partition.Restart, h *partition.Host) { h.Resets++ }, "volatile state"},
		{"a long time", abi.PhaseUndo, func(r *partition.Restart, h *partition.Host) { h.TSCHz, r.Report.At[abi.PhaseUndo] = 1, 1 }, "too long"},
		{"undo window:begin", abi.PhaseUndo, func(r *partition.Restart, _ *partition.Host) { r.Fail = 1 + 2*uint64(abi.PhaseUndo) }, "asked for"},
		{"handoff:end", abi.PhaseHandoff, func(r *partition.Restart, _ *partition.Host) { r.Fail = 2 + 2*uint64(abi.PhaseHandoff) }, "asked for"},
		{"nobody says why", abi.PhaseUndo, func(*partition.Restart, *partition.Host) {}, "failed before"},
		{"nobody says why, at once", abi.PhaseHandoff, func(*partition.Restart, *partition.Host) {}, "failed before"},
	} {
		r, h := under(t, c.phase)
		candidate := r.Home
		r.Back, r.Here = 16*mib, 1
		if c.cause(r, h); c.says != "failed before" {
			r.Home = uint64(kernel.Boot().Home) // we are the new instance
			steps(r, abi.PhaseUndone)
			assert.Equal(t, c.phase, r.Phase(), "%s: the new instance ends nothing", c.name)
			assert.Equal(t, uint64(abi.PhaseUndone), r.Ends, c.name)
		}
		r.Home = candidate // and now the old one
		steps(r, abi.PhaseUndone)
		assert.Equal(t, abi.PhaseUndone, r.Phase(), c.name)
		assert.Contains(t, abi.Text(r.Report.Reason[:]), c.says, c.name)
		assert.Equal(t, r.Report.FreeBefore, r.Report.FreeAfter, c.name)
	}
}
