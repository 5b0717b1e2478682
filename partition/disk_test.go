//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/ept"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition/abi"
)

// withDisks makes a guest that has a disk in memory and one with a ring.
func withDisks(t *testing.T) *Partition {
	t.Helper()
	machine(t, 256*mib)
	e, err := ept.New(1)
	require.NoError(t, err)
	Lookup(0).RAM.EPTP = e.Pointer()
	id, errno := put(wish("a", 64*mib))
	require.Zero(t, errno)
	require.False(t, labour(1000))
	return Lookup(id)
}

// problems returns how many things the check of rings finds wrong.
func problems() uint64 {
	var r kept.Report
	checkRings(&r)
	return r.Wrong
}

func TestDisksAreMade(t *testing.T) {
	p := withDisks(t)
	assert.Zero(t, problems())
	memory, err := describeDisk(p.ID, 0)
	require.Zero(t, err)
	assert.Equal(t, abi.DiskRAM, memory.Kind)
	assert.Zero(t, memory.Ring, "nobody serves a disk in memory")
	file, err := describeDisk(p.ID, 1)
	require.Zero(t, err)
	assert.EqualValues(t, mib, file.Capacity)
	assert.EqualValues(t, abi.RingBytes, file.RingSize)
	hpa, mapped := ept.Memory(Lookup(0).RAM.EPTP, addr.GPA(file.Ring))
	assert.True(t, mapped && uint64(hpa) == file.Ring, "root has it at its own address")
	assert.EqualValues(t, abi.RingMagic, phys.Load(hpa))
	for _, i := range []uint64{2, abi.MaxDisks, 1 << 40} {
		_, err = describeDisk(p.ID, i)
		assert.Equal(t, abi.ErrNone, err)
	}
	assert.EqualValues(t, 2, p.device(abi.SlotDisk).ID)
	assert.EqualValues(t, 2, p.device(abi.SlotDisk+1).ID)
	assert.Zero(t, p.device(abi.SlotDisk+2).ID)
}

// What is in a disk in memory outlives a reset of its guest.
func TestDiskOutlivesReset(t *testing.T) {
	p := withDisks(t)
	at := addr.HPA(p.Disks[0].Base)
	phys.Store(at, 0x1234)
	_, err := control(p.ID, abi.OpReset)
	require.Zero(t, err)
	p.State, p.Loaded = Created, 1
	_, err = control(p.ID, abi.OpReset)
	require.Zero(t, err)
	require.False(t, labour(1000))
	assert.EqualValues(t, 0x1234, phys.Load(at))
	assert.Zero(t, problems())
}

// The memory of a ring goes when its server has left, or is believed to be dead.
func TestRingIsLeft(t *testing.T) {
	const serverWord, closingWord = 32, 48 // of abi.RingHead
	for _, dead := range []bool{false, true} {
		p := withDisks(t)
		ring := addr.HPA(p.Disks[1].Base)
		phys.Store(ring+serverWord, 1)
		_, err := control(p.ID, abi.OpDestroy)
		require.Zero(t, err)
		assert.True(t, labour(100), "it waits for its server")
		assert.EqualValues(t, 1, phys.Load(ring+closingWord))
		info, err := describeDisk(p.ID, 1)
		require.Zero(t, err)
		assert.Zero(t, info.Ring, "nobody is to begin now")
		if dead {
			tab.Host.TSCHz = 1 // three seconds are over
		} else {
			phys.Store(ring+serverWord, 0)
		}
		require.False(t, labour(1000))
		_, mapped := ept.Memory(Lookup(0).RAM.EPTP, addr.GPA(ring))
		assert.False(t, mapped)
		assert.Zero(t, mm.Totals()[mm.Shared])
		assert.Zero(t, problems())
	}
}

// A processor that has not forgotten where a ring was keeps its memory from going.
func TestRingIsForgotten(t *testing.T) {
	p := withDisks(t)
	p.begin(JobDestroy)
	p.State = Destroying
	for range 100 {
		p.live()
	}
	assert.NotZero(t, mm.Totals()[mm.Shared])
	tab.CPUs[0].Flushed = tab.Host.FlushGen
	require.False(t, labour(100))
	assert.Zero(t, mm.Totals()[mm.Shared])
}

// Shared memory without a ring is found by the check, and freed by the next guest
// that goes.
func TestSharedMemoryIsRings(t *testing.T) {
	p := withDisks(t)
	_, err := mm.Alloc(4096, 4096, mm.Shared)
	require.NoError(t, err)
	assert.EqualValues(t, 1, problems())
	require.NoError(t, mm.ReleaseShared(hasRing))
	assert.Zero(t, problems())
	was := p.Disks[1].Base
	p.Disks[1].Base = p.Disks[0].Base
	assert.NotZero(t, problems(), "a ring in a guest's memory")
	p.Disks[1].Base = was
	assert.Zero(t, problems())
}
