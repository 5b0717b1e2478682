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
	"perdure/partition/abi"
	"perdure/partition/ram"
)

// restarting is a machine whose root may restart the hypervisor; nobody leads the
// restart but the test.
func restarting(t *testing.T) {
	machine(t, 256*mib)
	Lookup(0).RAM = ram.RAM{Size: 4 * mib}
}

// asks makes a call of partition p's, which has no paging.
func asks(p *Partition, n abi.Call, args ...uint64) (uint64, abi.Errno, bool) {
	c := Call{Number: uint64(n)}
	copy(c.Args[:], args)
	b := buffer{w: walker{p: p}}
	rax, _, err := b.serve(&c)
	return rax, err, b.stays
}

func restart(op abi.RestartOp, args ...uint64) (uint64, abi.Errno) {
	n, err, _ := asks(Lookup(0), abi.CallRestart, append([]uint64{uint64(op)}, args...)...)
	return n, err
}

// file is the size of the image that tests send; nothing of it runs.
const file = 3*addr.PageSize + 5

// begun is a restart whose image has come in.
func begun(t *testing.T) *Restart {
	_, err := restart(abi.RestartBegin, file, 0, 0)
	require.Zero(t, err)
	_, err = restart(abi.RestartLoad, 0, 0, file)
	require.Zero(t, err)
	return Restarting()
}

func TestRestartIsAskedFor(t *testing.T) {
	restarting(t)
	before := audit()
	for _, c := range []struct {
		says string
		op   abi.RestartOp
		args []uint64
		want abi.Errno
	}{
		{"nothing", 0, nil, abi.ErrArgument},
		{"load what was not begun", abi.RestartLoad, []uint64{0, 0, 1}, abi.ErrState},
		{"go on with nothing", abi.RestartGo, nil, abi.ErrState},
		{"end nothing", abi.RestartAbort, nil, abi.ErrState},
		{"an empty image", abi.RestartBegin, []uint64{0}, abi.ErrArgument},
		{"a large image", abi.RestartBegin, []uint64{maxImage + 1}, abi.ErrArgument},
		{"a flag that there is not", abi.RestartBegin, []uint64{1, 1 << 20}, abi.ErrArgument},
		{"a failure, of an ordinary image", abi.RestartBegin, []uint64{1, 1 << failShift}, abi.ErrArgument},
		{"begin", abi.RestartBegin, []uint64{file}, 0},
		{"begin another one", abi.RestartBegin, []uint64{file + 1}, abi.ErrBusy},
		{"go too early", abi.RestartGo, nil, abi.ErrState},
		{"a hole", abi.RestartLoad, []uint64{1, 0, 1}, abi.ErrArgument},
		{"a piece", abi.RestartLoad, []uint64{0, 0, 100}, 0},
		{"a piece again", abi.RestartLoad, []uint64{50, 0, 100}, 0},
		{"more than there is", abi.RestartLoad, []uint64{150, 0, file}, abi.ErrArgument},
		{"memory that root has not", abi.RestartLoad, []uint64{150, 4 * mib, 100}, abi.ErrFault},
		{"the rest", abi.RestartLoad, []uint64{150, 0, file - 150}, 0},
		{"a report", abi.RestartReport, []uint64{0, 8}, 0},
		{"end it", abi.RestartAbort, nil, 0},
	} {
		_, err := restart(c.op, c.args...)
		assert.Equal(t, c.want, err, c.says)
	}
	r := Restarting()
	assert.Equal(t, uint64(1), r.Abort)
	r.Drop()
	require.False(t, labour(1000))
	r.Close(abi.PhaseFailed)
	same(t, before, audit(), "afterwards")
	assert.Equal(t, r.Report.FreeBefore, r.Report.FreeAfter)
	_, err := restart(abi.RestartBegin, file)
	assert.Zero(t, err, "and the next one begins")
	assert.Equal(t, uint64(2), r.Report.Number)
}

func TestNoRoomForAnImage(t *testing.T) {
	restarting(t)
	_, err := mm.Alloc(mm.Totals()[mm.Free]-8*mib, mib, mm.Firmware)
	require.NoError(t, err)
	before := audit()
	_, errno := restart(abi.RestartBegin, 16*mib)
	assert.Equal(t, abi.ErrMemory, errno)
	same(t, before, audit(), "afterwards")
	_, errno = restart(abi.RestartBegin, file)
	require.Zero(t, errno, "a small one has room")
	r := Restarting()
	r.Launch(0) // but the home has not
	require.False(t, labour(1000))
	assert.NotEmpty(t, r.Broken())
	r.Drop()
	require.False(t, labour(1000))
	r.Close(abi.PhaseFailed)
	same(t, before, audit(), "afterwards")
}

func TestRightsOfRestarts(t *testing.T) {
	rights := func(k Kind) (restart, service bool) {
		c := (&Partition{Kind: k}).calls()
		return c>>abi.CallRestart&1 != 0, c>>abi.CallService&1 != 0
	}
	for k, want := range map[Kind][2]bool{Root: {true, false}, Guest: {false, false}, Service: {false, true}} {
		restart, service := rights(k)
		assert.Equal(t, want, [2]bool{restart, service}, "kind %d", k)
	}
}

// A candidate reaches its home, its image, a page to start processors in, and
// kept state to read: nothing else.
func TestServicePartitionReachesItsOwn(t *testing.T) {
	restarting(t)
	before := audit()
	r := begun(t)
	r.Launch(0x1000)
	require.False(t, labour(1000))
	p := r.Partition()
	require.NotNil(t, p)
	require.Equal(t, Running, p.State, "%v", abi.Errno(p.Errno))
	assert.True(t, bootPage(addr.HPA(r.Home)).Valid())
	assert.Equal(t, r.Image+0x1000, p.VP(0).Entry.RIP)
	var reached uint64
	ept.Each(p.RAM.EPTP, func(gpa addr.GPA, hpa addr.HPA, size uint64, perm ept.Perm, _ ept.MemType) {
		in := func(at, n uint64) bool { return uint64(hpa) >= at && uint64(hpa)+size <= at+n }
		reached += size
		switch {
		case gpa == trampolineAt:
			o, ok := kept.OwnerOf(hpa)
			assert.True(t, ok && o == p.keptOwner() && size == addr.PageSize)
		case uint64(gpa) != uint64(hpa):
			assert.Fail(t, "not at its own address", "%#x is %#x", gpa, hpa)
		case in(uint64(kept.Root()), kept.Size()):
			assert.Equal(t, ept.R, perm, "kept state at %#x", gpa)
		default:
			assert.True(t, in(r.Home, homeSize) || in(r.Image, 4*addr.PageSize), "%#x", gpa)
		}
	})
	assert.Equal(t, homeSize+4*addr.PageSize+addr.PageSize+kept.Size(), reached)
	var c Check
	checkEPT(&c, 0)
	assert.Zero(t, c.Report.Items[abi.ItemEPT].Wrong+c.Report.Items[abi.ItemEPTOwner].Wrong)
	r.Drop()
	require.False(t, labour(1000))
	assert.Nil(t, r.Partition())
	same(t, before, audit(), "afterwards")
}

// The making of a service partition may be cut off anywhere and begun again, or
// given up.
func TestServicePartitionMayBeCutOff(t *testing.T) {
	restarting(t)
	var before *books
	for cut := range 30 {
		r := begun(t)
		r.Launch(0)
		if p := r.Partition(); labour(cut) && p.Step > 0 {
			p.Step-- // the last step once more
			labour(1)
		}
		r.Drop()
		require.False(t, labour(1000))
		r.Close(abi.PhaseFailed)
		if before == nil {
			before = audit()
		}
		same(t, before, audit(), "cut off")
	}
}

func TestServiceCalls(t *testing.T) {
	inside := func(r *Restart) uint64 { return r.Home + 5*addr.PageSize }
	for _, c := range []struct {
		name  string
		calls func(r *Restart) [][]uint64
		stays bool // after the last
		ends  abi.RestartPhase
		why   string
		seat  bool
	}{
		{"a sign of life", func(r *Restart) [][]uint64 { return [][]uint64{{uint64(abi.ServiceStage), 2<<32 | 5}} }, false, 0, "", false},
		{"a seat", func(r *Restart) [][]uint64 { return [][]uint64{{uint64(abi.ServiceSeat), inside(r)}} }, true, 0, "", true},
		{"a seat that is no page", func(r *Restart) [][]uint64 { return [][]uint64{{uint64(abi.ServiceSeat), inside(r) + 8}} }, true, abi.PhaseFailed, "seat", false},
		{"a seat in kept state", func(r *Restart) [][]uint64 { return [][]uint64{{uint64(abi.ServiceSeat), uint64(kept.Root())}} }, true, abi.PhaseFailed, "seat", false},
		{"a seat behind its home", func(r *Restart) [][]uint64 { return [][]uint64{{uint64(abi.ServiceSeat), r.Home + homeSize}} }, true, abi.PhaseFailed, "seat", false},
		{"a refusal", func(r *Restart) [][]uint64 {
			return [][]uint64{{uint64(abi.ServiceRefuse), 'n' | 'o'<<8 | ','<<16}, {uint64(abi.ServiceRefuse), 'n' | 'o'<<8}, {uint64(abi.ServiceRefuse), 0}}
		}, true, abi.PhaseFailed, "it refuses: no,no", false},
		{"what there is not", func(r *Restart) [][]uint64 { return [][]uint64{{99, 1}} }, true, abi.PhaseFailed, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			restarting(t)
			r := begun(t)
			r.Launch(0)
			require.False(t, labour(1000))
			r.Enter(abi.PhaseBoot)
			var stays bool
			for _, args := range c.calls(r) {
				_, _, stays = asks(r.Partition(), abi.CallService, args...)
			}
			assert.Equal(t, c.stays, stays)
			assert.Equal(t, uint64(c.ends), r.Ends)
			assert.Contains(t, abi.Text(r.Report.Reason[:]), c.why)
			assert.Equal(t, c.seat, r.Seat != 0)
			if c.seat {
				assert.True(t, r.Stands(), "nobody runs it any more")
			}
		})
	}
}

// The new home becomes a home and the old one is given back, whoever does it and
// however often.
func TestHomesChange(t *testing.T) {
	restarting(t)
	free := mm.Totals()[mm.Free]
	r := begun(t)
	r.Launch(0)
	require.False(t, labour(1000))
	require.NoError(t, r.Settle())
	require.NoError(t, r.Settle())
	r.Drop()
	require.False(t, labour(1000))
	assert.Equal(t, uint64(2*homeSize), mm.Totals()[mm.Home])
	require.NoError(t, r.GiveBack())
	require.NoError(t, r.GiveBack())
	assert.Equal(t, uint64(homeSize), mm.Totals()[mm.Home])
	o, _ := mm.OwnerOf(addr.HPA(r.Home).Frame())
	assert.Equal(t, mm.Home, o)
	assert.Equal(t, free, mm.Totals()[mm.Free])
}
