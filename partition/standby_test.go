//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/boot"
	"perdure/kernel"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// spare is a machine that wants a standby; its image is a stretch of memory.
func spare(t *testing.T) *Standby {
	restarting(t)
	b := kernel.Boot()
	b.File, b.FileSize, b.Start = 8*mib, 2*mib+5*addr.PageSize, 0x38
	for i := range mm.Bytes(b.File, b.FileSize) {
		mm.Bytes(b.File, b.FileSize)[i] = byte(i * i >> 3)
	}
	tab.Host.provide(&boot.Info{Options: boot.Options{Standby: boot.StandbyOn}})
	s := &tab.Host.Standby
	require.Equal(t, StandbyWanted, s.State)
	return s
}

// stand does what there is to do for the standby, until it waits for somebody.
func stand() {
	for range 20 {
		standby()
		labour(1000)
	}
}

// says is a call of the standby that is being made, with its seat if it has one.
func says(s *Standby, op abi.ServiceOp, arg uint64) {
	if op == abi.ServiceSeat {
		seat := seatAt(addr.HPA(arg))
		seat.Magic, seat.Version, seat.CPUs = kernel.SeatMagic, kernel.SeatVersion, tab.Host.CPUs
	}
	asks(s.Make.Partition(), abi.CallService, uint64(op), arg)
	stand()
}

func TestStandby(t *testing.T) {
	s := spare(t)
	before := audit()
	stand()
	require.Equal(t, StandbyMade, s.State)
	p := s.Make.Partition()
	require.NotNil(t, p)
	page := bootPage(addr.HPA(s.Home))
	assert.True(t, page.Valid() && page.Back == 0, "no failure leads back from it")
	assert.Equal(t, s.Make.Image+s.Start, p.VP(0).Entry.RIP)
	assert.Equal(t, mm.Bytes(addr.HPA(s.Image), s.Size), mm.Bytes(addr.HPA(s.Make.Image), s.Size))
	says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
	assert.Equal(t, StandbyReady, s.State)
	assert.Nil(t, s.Make.Partition())
	same(t, before, audit(), "ready")
}

func TestStandbyThatFails(t *testing.T) {
	s := spare(t)
	before := audit()
	for i := range standbyAttempts {
		s.Next = 0
		stand()
		require.Equal(t, StandbyMade, s.State, "attempt %d", i)
		says(s, abi.ServiceRefuse, 0)
		assert.Equal(t, StandbyWanted, s.State)
		same(t, before, audit(), "failed")
	}
	assert.Equal(t, never, s.Next, "it is not tried for ever")
	s.Next, s.Attempts = 0, 0
	mm.Bytes(addr.HPA(s.Image), s.Size)[mib] ^= 1
	stand()
	assert.Equal(t, StandbyWanted, s.State, "a damaged image is none")
	same(t, before, audit(), "damaged")
}

// A hot restart takes the standby's home, and leaves one: that which it took, or
// the old instance's.
func TestStandbyAndRestart(t *testing.T) {
	for _, works := range []bool{false, true} {
		s := spare(t)
		stand()
		says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
		require.Equal(t, StandbyReady, s.State)
		home, free := s.Home, mm.Totals()[mm.Free]
		r := begun(t)
		assert.Equal(t, StandbyWanted, s.State)
		r.Launch(0)
		require.False(t, labour(1000))
		assert.Equal(t, home, r.Home)
		assert.Zero(t, s.Home)
		stand()
		assert.Equal(t, StandbyWanted, s.State, "nothing is made meanwhile")
		old := kernel.Boot().Home
		if works {
			kernel.Boot().Home = addr.HPA(r.Home)
			require.NoError(t, r.Settle())
			require.NoError(t, r.Settle())
			home = uint64(old)
		}
		r.Drop()
		require.False(t, labour(1000))
		if works {
			require.NoError(t, r.GiveBack())
			require.NoError(t, r.GiveBack())
		}
		r.Close(abi.PhaseDone)
		assert.Equal(t, home, s.Home, "it worked: %v", works)
		assert.Equal(t, free, mm.Totals()[mm.Free])
		stand()
		assert.Equal(t, StandbyMade, s.State)
		says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
		assert.Equal(t, StandbyReady, s.State)
		assert.Equal(t, free, mm.Totals()[mm.Free])
		kernel.Boot().Home = old
	}
}

// A restart that comes while a standby is made waits for its home.
func TestRestartBeforeStandby(t *testing.T) {
	s := spare(t)
	free := mm.Totals()[mm.Free]
	stand()
	require.Equal(t, StandbyMade, s.State)
	r := begun(t)
	assert.Equal(t, free, r.Report.FreeBefore, "what the standby's making has comes back")
	r.Launch(0)
	require.True(t, labour(3))
	assert.Zero(t, r.Home)
	stand()
	assert.Equal(t, StandbyWanted, s.State)
	assert.NotZero(t, r.Home)
}

// The standby takes over once, and the other home is the next one's when everybody
// has come.
func TestStandbyTakesOver(t *testing.T) {
	s := spare(t)
	stand()
	says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
	require.Equal(t, StandbyReady, s.State)
	TakeOver()
	assert.Equal(t, StandbyReady, s.State, "the running instance takes nothing over")
	old := kernel.Boot().Home
	kernel.Boot().Home = addr.HPA(s.Home)
	defer func() { kernel.Boot().Home = old }()
	inheriting.begun.Store(false)
	inheriting.done.Store(false)
	tab.Host.Recovery.Last = 7
	before := tab.Host.Instance
	TakeOver()
	TakeOver()
	assert.Equal(t, StandbyTaken, s.State)
	assert.Equal(t, uint64(8), tab.Host.Recovery.Base, "this recovery is the eighth")
	assert.Equal(t, before+2, tab.Host.Instance)
	assert.Equal(t, uint64(1), s.Here)
	stand()
	assert.Equal(t, StandbyMade, s.State)
	assert.Equal(t, uint64(old), s.Home)
}

// The standby's home is looked at while it waits; when it is damaged another one is made.
func TestStandbyIsScrubbed(t *testing.T) {
	s := spare(t)
	stand()
	says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
	round := func() {
		for range homeSize / standbyPiece {
			s.scrub()
		}
	}
	round()
	round()
	require.Equal(t, StandbyReady, s.State)
	standbyScrub = struct{ seat, at, sum uint64 }{} // a reset
	round()
	require.Equal(t, StandbyReady, s.State)
	lost := tab.Host.Damage.Mended
	mm.Bytes(addr.HPA(s.Home+homeSize-addr.PageSize), 8)[3] ^= 1 << 5
	round()
	assert.Equal(t, StandbyWanted, s.State)
	assert.EqualValues(t, lost+1, tab.Host.Damage.Mended)
	round()
	assert.Equal(t, StandbyWanted, s.State, "there is nothing to look at")
	stand()
	assert.Equal(t, StandbyMade, s.State)
	says(s, abi.ServiceSeat, s.Home+5*addr.PageSize)
	round()
	round()
	assert.Equal(t, StandbyReady, s.State, "the new one is whole")
}
