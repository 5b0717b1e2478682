//go:build !metal

package partition

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/kernel/console"
	"perdure/kernel/x86"
	"perdure/partition/abi"
	"perdure/partition/net"
)

// slice is a time slice in the model below, and step how finely it looks.
const (
	slice = 1000
	step1 = slice / 10
)

// A tenant is a partition of the model. Its VPs run for busy ticks, then sleep for
// idle ticks; without idle they never sleep.
type tenant struct {
	weight, cpus uint64
	vps          uint64
	root         bool
	busy, idle   uint64
	want         float64 // processors that it should get
}

// model runs tenants on n processors for a while by what the dispatchers decide
// with, and returns the processors that each got and the longest wait of a VP of each.
func model(t *testing.T, n uint64, ten []tenant, slices uint64) (got, worst []float64) {
	t.Helper()
	tab = tables{
		Host:       &Host{CPUs: n, SliceLen: slice},
		Partitions: new([MaxPartitions]Partition), VPs: new([MaxVPs]VP), CPUs: new([MaxCPUs]CPU),
		Areas: new([MaxVPs]x86.XArea), Console: new(console.State), Switch: new(net.Switch),
	}
	for i := range n {
		tab.CPUs[i] = CPU{Index: i, APICID: i, Online: 1, Slice: never, Others: never}
	}
	for i, e := range ten {
		p := Lookup(uint64(i))
		*p = Partition{ID: uint64(i), Kind: Guest, State: Running, FirstVP: tab.Host.VPs, VPs: max(e.vps, 1)}
		p.weigh(e.weight, e.cpus)
		if e.root {
			p.Kind, p.Weight = Root, abi.RootWeight
		}
		for j := range p.VPs {
			v := p.VP(j)
			*v = VP{Part: p.ID, ID: j, State: VPRun, CPU: j % n}
			p.home(v)
			tab.Host.VPs++
		}
	}
	left := [MaxVPs]uint64{}   // of the present stretch of running
	asleep := [MaxVPs]uint64{} // until when
	for i := range tab.Host.VPs {
		left[i] = ten[tab.VPs[i].Part].busy
	}
	got, worst = make([]float64, len(ten)), make([]float64, len(ten))
	begin, end := uint64(1<<40), uint64(1<<40)+slices*slice
	for now := begin; now < end; now += step1 {
		for i := range tab.Host.VPs {
			v := &tab.VPs[i]
			if v.State == VPHalted && v.Events == 0 && asleep[i] <= now {
				v.Events = EvIntr
				left[i] = ten[v.Part].busy
				tab.CPUs[v.CPU].look(now)
			}
			if v.Ready != 0 && v.Running == 0 {
				worst[v.Part] = max(worst[v.Part], float64(now-v.Ready)/slice)
			}
		}
		for i := range n {
			c := &tab.CPUs[i]
			if c.Active != 0 {
				v := &tab.VPs[c.Active-1]
				e := &ten[v.Part]
				c.look(now)
				if v.Running != 0 && e.idle != 0 {
					if left[c.Active-1] -= min(left[c.Active-1], step1); left[c.Active-1] == 0 {
						v.State, asleep[c.Active-1] = VPHalted, now+e.idle
						c.Leave = 1
					}
				}
				if v.Running != 0 && (c.Leave != 0 || c.Slice <= now) {
					v.rests(now)
				}
				if v.Running != 0 {
					continue
				}
			}
			c.Leave = 0
			v := c.pick(now)
			if v == nil {
				continue
			}
			if c.Active != v.index()+1 {
				if !c.claim(v, c) {
					t.Fatalf("VP %d is at %d, and processor %d picked it", v.index(), v.Holder, i)
				}
				if c.Active != 0 {
					release(&tab.VPs[c.Active-1].Holder)
				}
				c.Active = v.index() + 1
			}
			v.Events, v.State = 0, VPRun
			v.runs(now)
		}
		assertHomes(t)
	}
	for i := range tab.Host.VPs {
		v := &tab.VPs[i]
		v.charge(end, end)
		got[v.Part] += float64(v.Ran) / float64(end-begin)
	}
	return got, worst
}

// assertHomes holds the sentences of docs/rest.md about queues.
func assertHomes(t *testing.T) {
	t.Helper()
	for i := range tab.Host.VPs {
		v := &tab.VPs[i]
		for k := range tab.Host.CPUs {
			c := &tab.CPUs[k]
			if in := c.Queue&v.bit() != 0; in != (v.CPU == k) || (v.Holder == k+1) != (c.Active == i+1) {
				t.Fatalf("VP %d, home %d, holder %d: queue of %d %#x, active %d", i, v.CPU, v.Holder, k, c.Queue, c.Active)
			}
		}
	}
}

// Each gets its share of processors that all want, wherever they are and whatever
// the others do.
func TestShares(t *testing.T) {
	for _, tc := range []struct {
		name string
		cpus uint64
		ten  []tenant
		wait float64 // slices that a VP waits at most
	}{
		{"one processor, 1:1:1:2", 1, []tenant{{weight: 100, want: .2}, {weight: 100, want: .2}, {weight: 100, want: .2}, {weight: 200, want: .4}}, 6},
		{"two processors, 1:1:1:2", 2, []tenant{{weight: 100, want: .4}, {weight: 100, want: .4}, {weight: 100, want: .4}, {weight: 200, want: .8}}, 10},
		{"three on two", 2, []tenant{{weight: 100, want: 2. / 3}, {weight: 100, want: 2. / 3}, {weight: 100, want: 2. / 3}}, 8},
		{"more than one processor's worth", 2, []tenant{{weight: 1000, want: 1}, {weight: 100, want: 1. / 3}, {weight: 100, want: 1. / 3}, {weight: 100, want: 1. / 3}}, 16},
		{"one VP against two", 2, []tenant{{weight: 100, want: 1}, {weight: 100, vps: 2, want: 1}}, 16},
		{"a heavy VP against two", 2, []tenant{{weight: 1000, want: 1}, {weight: 100, vps: 2, want: 1}}, 16},
		{"root and guests", 2, []tenant{{root: true, vps: 2, want: 4. / 3}, {weight: 100, want: 1. / 6}, {weight: 100, want: 1. / 6}, {weight: 100, want: 1. / 6}, {weight: 100, want: 1. / 6}}, 14},
		{"pinned in pairs", 2, []tenant{{weight: 1000, cpus: 1, want: 10. / 11}, {weight: 100, cpus: 1, want: 1. / 11}, {weight: 100, cpus: 2, want: 1. / 3}, {weight: 200, cpus: 2, want: 2. / 3}}, 12},
		{"four guests of two VPs", 2, []tenant{{weight: 100, vps: 2, want: .5}, {weight: 100, vps: 2, want: .5}, {weight: 100, vps: 2, want: .5}, {weight: 100, vps: 2, want: .5}}, 16},
		{"eight VPs of one against one", 2, []tenant{{weight: 100, vps: 8, want: 1}, {weight: 100, vps: 1, want: 1}}, 30},
		{"a light one alone, then others", 2, []tenant{{weight: 1, want: .01}, {weight: 100, want: 1}, {weight: 100, want: 1}}, 250},
		{"sleepers get what they ask for", 1, []tenant{{weight: 100, busy: slice / 5, idle: slice * 9 / 5, want: .1}, {weight: 100, want: .45}, {weight: 100, want: .45}}, 6},
		{"a pinned VP among others", 2, []tenant{{weight: 100, cpus: 1, want: .5}, {weight: 100, want: .5}, {weight: 100, want: .5}, {weight: 100, want: .5}}, 8},
		{"four processors", 4, []tenant{{weight: 100, want: .8}, {weight: 100, want: .8}, {weight: 100, want: .8}, {weight: 100, want: .8}, {weight: 100, want: .8}}, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, worst := model(t, tc.cpus, tc.ten, 4000)
			for i, e := range tc.ten {
				assert.InDelta(t, e.want, got[i], .03*e.want+.01, "tenant %d: %s", i, fmt.Sprint(got))
				assert.LessOrEqual(t, worst[i], tc.wait, "longest wait of tenant %d", i)
			}
			t.Log(got, worst, tab.CPUs[0].Stolen, tab.CPUs[1].Stolen)
		})
	}
}
