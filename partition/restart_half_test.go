//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
)

// A call that begins a restart may be cut off anywhere, and is made again: what the first
// one made is found again or given back.
func TestBegunByHalf(t *testing.T) {
	begin := func(t *testing.T) uint64 {
		n, err := restart(abi.RestartBegin, file, 0, 900)
		require.Zero(t, err)
		return n
	}
	put := func(t *testing.T) *Partition {
		p, err := putService(0)
		require.Zero(t, err)
		return p
	}
	for name, half := range map[string]func(t *testing.T){
		"processors taken":                   func(t *testing.T) { clearRecord(put(t)) },
		"a partition that nobody knows of":   func(t *testing.T) { put(t) },
		"the same, known":                    func(t *testing.T) { Restarting().Service = put(t).ID },
		"all but the phase":                  func(t *testing.T) { begin(t); Restarting().Report.Phase = uint64(abi.PhaseNone) },
		"all but the phase, a service later": func(t *testing.T) { begin(t); Restarting().Report.Phase = uint64(abi.PhaseNone); put(t) },
		"all but the answer":                 func(t *testing.T) { begin(t) },
	} {
		t.Run(name, func(t *testing.T) {
			restarting(t)
			before := audit()
			half(t)
			tab.Host.Resets++
			n := begin(t)
			r := Restarting()
			assert.Equal(t, n, r.Report.Number)
			assert.False(t, r.Reset(), "nothing of it was lost")
			_, err := restart(abi.RestartBegin, file, 0, 901)
			assert.Equal(t, abi.ErrBusy, err, "another one")
			_, err = restart(abi.RestartLoad, 0, 0, file)
			require.Zero(t, err)
			_, err = restart(abi.RestartBegin, file, 0, 900)
			assert.Equal(t, abi.ErrBusy, err, "some of the image is there")
			r.Drop()
			require.False(t, labour(1000))
			r.Close(abi.PhaseFailed)
			assert.Equal(t, r.Report.FreeBefore, r.Report.FreeAfter)
			same(t, before, audit(), "afterwards")
		})
	}
}
