//go:build !metal

package partition

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/mm"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition/abi"
)

const mib = 1 << 20

// machine starts memory and kept state behind a fake window, with one processor
// and no partition.
func machine(t testing.TB, size uint64) {
	t.Helper()
	console.Adopt(new(console.State), false) // where it was until now goes away
	require.NoError(t, phys.Fake(size))
	home := boot.Region{Start: 16 * mib, Size: boot.HomeSize}
	require.NoError(t, mm.Start(mm.Layout{Map: boot.NewMap([]boot.Region{{Start: 0, Size: size, Kind: boot.RAM}}), Home: home}))
	b := kernel.Boot()
	b.Direct, b.Home, b.HomeSize = size, home.Start, home.Size
	require.NoError(t, Open())
	tab.Host.CPUs, tab.Host.TSCHz = 1, 1e9
	tab.CPUs[0] = CPU{Online: 1, Armed: never, Slice: never, Others: never}
	root := Lookup(0)
	root.State, root.Kind = Running, Root
}

// wish is a guest that has everything.
func wish(name string, memory uint64) *abi.Config {
	c := &abi.Config{Token: 77, Memory: memory, VPs: 3, Flags: abi.ConfigConsole | abi.ConfigEntropy, Nets: 1, Disks: 2}
	c.Header = abi.HeaderOf(c)
	abi.SetText(c.Name[:], name)
	c.Disk[0] = abi.DiskConfig{Kind: abi.DiskRAM, Capacity: 3 * mib}
	c.Disk[1] = abi.DiskConfig{Kind: abi.DiskFile, Capacity: mib}
	return c
}

// labour does up to n steps of all jobs, and reports whether one is left.
func labour(n int) (left bool) {
	for range n {
		left = false
		tab.CPUs[0].Flushed = tab.Host.FlushGen // as its dispatcher does
		for i := range tab.Partitions {
			if p := &tab.Partitions[i]; p.Job != JobNone {
				p.live()
				left = left || p.Job != JobNone
			}
		}
		if !left {
			return false
		}
	}
	return left
}

// books are all that a guest takes, as one comparable value.
type books struct {
	totals mm.Sums
	used   uint64
	sums   string
	guests [MaxPartitions - 1]Partition
	vps    [MaxVPs]VP
}

func audit() *books {
	b := &books{totals: mm.Totals(), used: kept.Used(), vps: *tab.VPs}
	copy(b.guests[:], tab.Partitions[1:])
	b.sums = fmt.Sprint(mm.Extents())
	return b
}

// same fails the test if the books differ, and says where without their numbers.
func same(t testing.TB, a, b *books, when string) {
	t.Helper()
	assert.Equal(t, a.sums, b.sums, "%s: frames", when)
	assert.Equal(t, a.used, b.used, "%s: kept pages", when)
	assert.True(t, a.totals == b.totals, "%s: totals", when)
	assert.True(t, a.guests == b.guests, "%s: partitions", when)
	assert.True(t, a.vps == b.vps, "%s: virtual processors", when)
}

func TestGuestLeavesNothing(t *testing.T) {
	machine(t, 256*mib)
	area := tab.Areas[1]
	var before *books
	for i := range 20 {
		if i == 1 { // root's EPT keeps the tables that a ring once lay in
			before = audit()
		}
		id, err := put(wish("a", 64*mib))
		require.Zero(t, err)
		require.False(t, labour(1000))
		p := Lookup(id)
		require.Equal(t, Created, p.State, "round %d: %v", i, abi.Errno(p.Errno))
		again, err := put(wish("a", 64*mib))
		assert.Zero(t, err)
		assert.Equal(t, id, again, "the same call finds the same partition")
		_, err = control(id, abi.OpDestroy)
		require.Zero(t, err)
		require.False(t, labour(1000))
	}
	same(t, before, audit(), "after 20 rounds")
	assert.Equal(t, area, tab.Areas[1])
}

// A job may be cut off at any step and begun again there, or destroyed: nothing
// is lost and nothing is left.
func TestJobsMayBeCutOff(t *testing.T) {
	machine(t, 256*mib)
	var before *books
	for cut := 100; ; cut++ {
		id, err := put(wish("cut", 16*mib))
		require.Zero(t, err)
		left := labour(cut)
		p := Lookup(id)
		if left { // what the step has done is done once more
			j, s := p.Job, p.Step
			p.live()
			if p.Job == j && p.Step == s+1 {
				p.Step = s
			}
		}
		_, err = control(id, abi.OpDestroy)
		require.Zero(t, err)
		for n := 0; labour(1); n++ {
			if s := p.Step; n < 20 && p.Job == JobDestroy && s > 0 {
				p.Step = s - 1 // the last step again
				p.live()
				p.Step = s
			}
		}
		if before == nil { // the first was not cut off
			before, cut = audit(), -1
			continue
		}
		same(t, before, audit(), fmt.Sprintf("cut off after %d steps", cut))
		if t.Failed() {
			return
		}
		if !left {
			return
		}
	}
}

func TestMemoryIsClearedAndOwn(t *testing.T) {
	machine(t, 256*mib)
	for a := range uint64(40) {
		phys.Store(0x8000000+0x100000*8+8*0, a) // something that somebody left
	}
	id, err := put(wish("m", 100*mib))
	require.Zero(t, err)
	require.False(t, labour(1000))
	p := Lookup(id)
	require.Equal(t, Created, p.State)
	for gpa := uint64(0); gpa < 100*mib; gpa += 4096 {
		val, ok := p.read(gpa, 8)
		require.True(t, ok && val == 0, "%#x: %#x %v", gpa, val, ok)
	}
	_, ok := p.read(100*mib, 8)
	assert.False(t, ok)
	assert.NotEqual(t, uint64(0), p.RAM.EPTP)
	assert.Equal(t, x86.XArea{}, tab.Areas[p.FirstVP])
}

func TestTooMuchIsRefused(t *testing.T) {
	machine(t, 256*mib)
	before := audit()
	_, err := put(wish("big", 512*mib))
	assert.Equal(t, abi.ErrMemory, err)
	same(t, before, audit(), "refused")
	ids := []uint64{}
	for i := 0; ; i++ {
		c := wish(fmt.Sprint("n", i), 2*mib)
		c.Disks = 0
		c.Disk = [abi.MaxDisks]abi.DiskConfig{}
		id, err := put(c)
		if err != 0 {
			assert.Equal(t, abi.ErrSpace, err)
			break
		}
		require.False(t, labour(1000))
		require.Equal(t, Created, Lookup(id).State)
		ids = append(ids, id)
	}
	assert.Equal(t, MaxPartitions-1, len(ids))
	for _, id := range ids {
		control(id, abi.OpDestroy)
	}
	labour(1000)
	same(t, before, audit(), "all gone")
}

func TestConfigsAreJudged(t *testing.T) {
	machine(t, 256*mib)
	for name, spoil := range map[string]func(*abi.Config){
		"no name":        func(c *abi.Config) { c.Name = [32]byte{} },
		"a strange name": func(c *abi.Config) { abi.SetText(c.Name[:], "a b") },
		"a name unended": func(c *abi.Config) {
			for i := range c.Name {
				c.Name[i] = 'a'
			}
		},
		"no processors":    func(c *abi.Config) { c.VPs = 0 },
		"too many":         func(c *abi.Config) { c.VPs = abi.MaxGuestVPs + 1 },
		"half a MiB":       func(c *abi.Config) { c.Memory = 3 << 19 },
		"no memory":        func(c *abi.Config) { c.Memory = 0 },
		"a heavy one":      func(c *abi.Config) { c.Weight = abi.MaxWeight + 1 },
		"no such platform": func(c *abi.Config) { c.Platform = 9 },
		"unknown flags":    func(c *abi.Config) { c.Flags = 1 << 9 },
		"cards":            func(c *abi.Config) { c.Nets = abi.MaxNets + 1 },
		"a hidden card":    func(c *abi.Config) { c.Net[1].MTU = 1 },
		"a tiny MTU":       func(c *abi.Config) { c.Net[0].MTU = abi.MinMTU - 1 },
		"a huge MTU":       func(c *abi.Config) { c.Net[0].MTU = abi.MaxMTU + 1 },
		"offline ones": func(c *abi.Config) {
			tab.Host.CPUs++
			tab.CPUs[tab.Host.CPUs-1].Online = 2
			c.CPUs = 1 << (tab.Host.CPUs - 1)
		},
		"a group address":  func(c *abi.Config) { c.Net[0].MAC = 1 },
		"disks":            func(c *abi.Config) { c.Disks = abi.MaxDisks + 1 },
		"half a sector":    func(c *abi.Config) { c.Disk[0].Capacity = 100 },
		"an empty disk":    func(c *abi.Config) { c.Disk[0].Capacity = 0 },
		"other processors": func(c *abi.Config) { c.CPUs = 1 << 40 },
		"no token":         func(c *abi.Config) { c.Token = 0 },
	} {
		c := wish("x", 2*mib)
		spoil(c)
		assert.Equal(t, abi.ErrArgument, validConfig(c), name)
	}
	c := wish("root", 2*mib)
	_, err := put(c)
	assert.Equal(t, abi.ErrExists, err)
}
