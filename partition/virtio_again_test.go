//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
	"perdure/partition/rng"
	"perdure/partition/virtio"
	"perdure/partition/virtio/driver"
)

// TestLostKicks is what a restart does: everything is looked at, and everybody
// is told.
func TestLostKicks(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d := b.p.device(abi.SlotEntropy)
	b.g.Ask(0, driver.Part{Room: 8})
	b.interrupted()
	b.p.kickDevices(b.c)
	b.c.after()
	_, _, ok := b.g.Answered(0)
	assert.True(t, ok)
	assert.True(t, b.interrupted())

	d.Queue[0].Answer(&b.c.Log, 0, 4) // committed, and not yet shown
	b.c.Log.Apply()
	b.p.kickDevices(b.c)
	b.c.after()
	_, got, ok := b.g.Answered(0)
	assert.True(t, ok)
	assert.Len(t, got, 4)
}

// TestSavedDeviceGoesOn has a request and an answer under way while the device is
// written out, lost, and read back.
func TestSavedDeviceGoesOn(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d, r := b.p.device(abi.SlotEntropy), &b.p.Random
	d.Queue[0].Answer(&b.c.Log, 3, 4)
	b.c.Log.Apply()
	b.g.Ask(0, driver.Part{Room: 8})
	device, random := d.Save(nil), r.Save(nil)
	key := r.Key
	*d, *r = virtio.Device{}, rng.State{}
	require.NoError(t, d.Load(device))
	require.NoError(t, r.Load(random))
	assert.Equal(t, key, r.Key)
	b.interrupted()
	b.p.kickDevices(b.c)
	b.c.after()
	head, _, ok := b.g.Answered(0)
	assert.True(t, ok)
	assert.EqualValues(t, 3, head, "what was answered and not shown")
	_, got, ok := b.g.Answered(0)
	assert.True(t, ok, "what was asked and not answered")
	assert.Len(t, got, 8)
	assert.True(t, b.interrupted())
}
