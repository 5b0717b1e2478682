//go:build !metal

package mirror

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/hhr/record"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/mm/kept"
	"perdure/mm/phys"
	"perdure/partition"
)

const mib = 1 << 20

// machine starts one with two partitions, of three VPs and one.
func machine(t testing.TB) {
	t.Helper()
	console.Adopt(new(console.State), false) // where it was until now goes away
	require.NoError(t, phys.Fake(128*mib))
	home := boot.Region{Start: 16 * mib, Size: 32 * mib}
	require.NoError(t, mm.Start(mm.Layout{Map: boot.NewMap([]boot.Region{{Start: 0, Size: 128 * mib, Kind: boot.RAM}}), Home: home}))
	require.NoError(t, partition.Open())
	now = nil
	for id, vps := range []uint64{3, 1} {
		p := partition.Lookup(uint64(id))
		p.State, p.ID, p.VPs, p.FirstVP = partition.Running, uint64(id), vps, uint64(3*id)
		for i := range vps {
			v := p.VP(i)
			v.State, v.Part, v.ID, v.XCR0 = partition.VPRun, uint64(id), i, 7
		}
	}
}

// later returns the layouts of a build with one field more in its VPs, in front
// of the others, and one table more.
func later(t testing.TB) *record.Layouts {
	l, err := record.Describe()
	require.NoError(t, err)
	vps := l.Of(l.Table(kept.KindVPs))
	for i := range vps.Fields {
		vps.Fields[i].Offset += 16
	}
	vps.Size += 16
	l.Table(kept.KindVPs).Stride += 16
	vps.Fields = append(vps.Fields, record.Field{Name: "More", Number: 4000, Type: record.Uint, Offset: 0, Size: 8, Len: 1, Will: record.WillDefault, Default: 33})
	l.Tables = append(l.Tables, record.Table{Kind: 60, Name: "more", Stride: l.Messages[0].Size, Count: 4, Marks: kept.Drop})
	return l
}

// asCandidate lets f look at the arena as the next instance does.
func asCandidate(t testing.TB, f func()) {
	t.Helper()
	require.NoError(t, kept.Follow())
	f()
	require.NoError(t, kept.Follow())
}

// rehearse has a candidate with the layouts l show everything.
func rehearse(t testing.TB, l *record.Layouts) (err error) {
	t.Helper()
	var refused error
	asCandidate(t, func() {
		err = show(l, func(s record.Shown) (left uint64) {
			asCandidate(t, func() { // it is the other one's turn
				n, err := Check(s.Encode())
				if refused = err; err == nil {
					left = uint64(n)
				}
			})
			return left
		})
	})
	if refused != nil {
		return refused
	}
	return err
}

func TestSameLayoutsNeedNoMirror(t *testing.T) {
	machine(t)
	l, err := record.Describe()
	require.NoError(t, err)
	used := kept.Used()
	moved, err := Offer(l.Encode(), false)
	require.NoError(t, err)
	require.False(t, moved)
	require.Equal(t, used, kept.Used())
	require.Nil(t, kept.Changing())
	n, err := Step()
	require.NoError(t, err)
	require.Zero(t, n)
	require.True(t, Rehearsed())
	require.Zero(t, kept.Pass())
	bytes, steps := Forecast()
	require.Zero(t, bytes+steps)
}

// TestChangedLayout takes a machine to a later build and back.
func TestChangedLayout(t *testing.T) {
	machine(t)
	print, used := kept.Print(), kept.Used()
	l := later(t)
	moved, err := Offer(l.Encode(), false)
	require.NoError(t, err)
	require.True(t, moved)
	require.Zero(t, kept.Check().Wrong)
	require.False(t, Rehearsed())
	n, err := Step()
	require.NoError(t, err)
	require.Equal(t, partition.MaxVPs, n, "the VPs alone")
	require.NoError(t, rehearse(t, l))
	require.True(t, Rehearsed())

	// Life goes on; a partition comes.
	v := partition.Lookup(0).VP(1)
	v.Calls, v.Ctx.Regs[3] = 1234, 99
	p := partition.Lookup(2)
	p.State, p.ID, p.VPs, p.FirstVP = partition.Running, 2, 1, 4
	*p.VP(0) = partition.VP{State: partition.VPHalted, Part: 2}
	_, err = Step()
	require.NoError(t, err)
	v.Calls++
	bytes, steps := Forecast()
	require.Less(t, steps, 5*uint64(1000), "five VPs")
	require.NotZero(t, bytes)

	require.Equal(t, bytes, kept.Pass())
	require.NoError(t, kept.Follow()) // the next instance
	require.True(t, kept.InForce())
	at, stride, _, ok := kept.Lookup(kept.KindVPs)
	require.True(t, ok)
	vps := l.Of(l.Table(kept.KindVPs))
	word := func(vp uint64, name string) uint64 {
		for _, f := range vps.Fields {
			if f.Name == name {
				return phys.Load(at + addr.HPA(vp*stride+f.Offset))
			}
		}
		return 0
	}
	require.Equal(t, uint64(1235), word(1, "Calls"))
	require.Equal(t, uint64(33), word(1, "More"))
	require.Equal(t, uint64(33), word(4, "More"))
	require.Equal(t, uint64(partition.VPHalted), word(4, "State"))
	_, _, count, ok := kept.Lookup(60)
	require.True(t, ok)
	require.Equal(t, uint64(4), count)

	// It changes something, and the machine goes back.
	for _, f := range vps.Fields {
		if f.Name == "Calls" {
			phys.Store(at+addr.HPA(stride+f.Offset), 5000)
		}
	}
	require.NoError(t, kept.Follow())
	require.NotZero(t, kept.Take())
	require.Equal(t, uint64(5000), v.Calls)
	require.Equal(t, uint64(99), v.Ctx.Regs[3])
	require.NoError(t, Drop())
	require.Equal(t, used, kept.Used())
	require.Equal(t, print, kept.Print())
	require.Zero(t, kept.Check().Wrong)
}

// TestFullMirror copies all tables though nothing has changed.
func TestFullMirror(t *testing.T) {
	machine(t)
	l, err := record.Describe()
	require.NoError(t, err)
	moved, err := Offer(l.Encode(), true)
	require.NoError(t, err)
	require.True(t, moved)
	console.Say(console.Info).Str("said meanwhile").End()
	n, err := Step()
	require.NoError(t, err)
	require.Greater(t, n, partition.MaxVPs+partition.MaxPartitions)
	require.NoError(t, rehearse(t, l))
	bytes, steps := Forecast()
	t.Logf("%d records; %d bytes and about %d instructions in the handoff", n, bytes, steps)
	require.Equal(t, bytes, kept.Pass())
	require.NoError(t, kept.Follow())
	require.NoError(t, Drop(), "the new one has it for good")
	require.Zero(t, kept.Check().Wrong)
	require.NoError(t, partition.Open())
	require.Equal(t, uint64(7), partition.Lookup(1).VP(0).XCR0)
}
