//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// At every step of a guest's life the records are as a check wants them, and nobody
// looks for memory by tables that are not its any more.
func TestRecordsOfHalfAGuest(t *testing.T) {
	machine(t, 256*mib)
	wrong := func() uint64 {
		r := kept.Check()
		checkIdentities(&r)
		return r.Wrong
	}
	fixture := wrong() // it has none of its own
	good := func(p *Partition) {
		assert.Equal(t, fixture, wrong(), "job %d, step %d", p.Job, p.Step)
		if p.RAM.EPTP != 0 {
			_, ok := kept.OwnerOf(addr.HPA(p.RAM.EPTP &^ 0xfff))
			assert.True(t, ok, "job %d, step %d: its tables", p.Job, p.Step)
		}
	}
	id, err := put(wish("half", 16*mib))
	require.Zero(t, err)
	p := Lookup(id)
	for good(p); labour(1); good(p) {
	}
	assert.Equal(t, Created, p.State)
	_, err = control(id, abi.OpDestroy)
	require.Zero(t, err)
	for good(p); labour(1); good(p) {
	}
	assert.Equal(t, Free, p.State)
}
