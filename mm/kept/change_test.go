//go:build !metal

package kept

import (
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/mm/addr"
	"perdure/mm/phys"
)

// before and after are a record before and after a change of its layout.
type before struct {
	Use, A uint64
	Small  uint32
	Neg    int16
	_      uint16
	At     uint64
	Ring   [64]byte
	Gone   uint64
	Hint   [4]uint64
	Part   sealed
	B      uint64
}

type after struct {
	Part  sealedMore
	Use   uint64
	Small uint64
	Neg   int64
	B     uint64
	New   uint64
	A     uint64
	Hint  [4]uint64
	At    uint64
	Ring  [96]byte
}

type sealed struct {
	Header
	X uint64
}

type sealedMore struct {
	Header
	X, Y uint64
}

// stageBoth makes a table of before and stages one of after.
func stageBoth(t *testing.T) (old []before, fresh []after, c *Change) {
	t.Helper()
	begin(t, 256)
	old, err := Table[before](KindVPs, 3)
	require.NoError(t, err)
	_, err = Table[record](KindHost, 1)
	require.NoError(t, err)
	c, err = Stage([]Staged{{Kind: KindVPs, Stride: sizeOf[after](), Count: 3, Version: 2}, {Kind: KindHost, Stride: sizeOf[record](), Count: 1, Version: 1, Share: true}})
	require.NoError(t, err)
	from, _, _, _ := Lookup(KindVPs)
	to := arena.base + addr.HPA(arena.dirs[1][KindVPs].Offset)
	there := []Op{
		{What: OpRing, From: 32, To: 128, Bytes: 96, A: 64, Unit: 1, PosFrom: 24, PosTo: 120},
		{What: OpFill, To: 72, Bytes: 8, A: 77},
		{What: OpCopy, From: 0, To: 40, Bytes: 8}, {What: OpCopy, From: 8, To: 80, Bytes: 8}, {What: OpCopy, From: 168, To: 64, Bytes: 8},
		{What: OpWiden, From: 16, To: 48, Bytes: 8, A: 4}, {What: OpWiden, From: 20, To: 56, Bytes: 8, A: 2, B: 1},
		{What: OpHint, From: 104, To: 88, Bytes: 32}, {What: OpCopy, From: 24, To: 120, Bytes: 8},
		{What: OpCopy, From: 136, To: 0, Bytes: 32}, {What: OpSeal, From: 136, To: 0, A: 32, Bytes: 40},
	}
	back := []Op{
		{What: OpRing, From: 128, To: 32, Bytes: 64, A: 96, Unit: 1, PosFrom: 120, PosTo: 24},
		{What: OpCopy, From: 40, To: 0, Bytes: 8}, {What: OpCopy, From: 80, To: 8, Bytes: 8}, {What: OpCopy, From: 64, To: 168, Bytes: 8},
		{What: OpCopy, From: 120, To: 24, Bytes: 8}, {What: OpWiden, From: 48, To: 16, Bytes: 4, A: 8}, {What: OpWiden, From: 56, To: 20, Bytes: 2, A: 8, B: 1},
		{What: OpCopy, From: 0, To: 136, Bytes: 32}, {What: OpSeal, From: 0, To: 136, A: 40, Bytes: 32},
	}
	fill := func(w *Way, ops []Op, m Moved) {
		w.Tables, w.Ops, w.Table[0] = 1, uint64(copy(w.Op[:], ops)), m
		w.Table[0].EndOp = w.Ops
	}
	fill(&c.Way[0], there, Moved{Kind: KindVPs, From: uint64(from), To: uint64(to), FromStride: sizeOf[before](), ToStride: sizeOf[after](), Count: 3, UseFrom: 1, UseTo: 41})
	fill(&c.Way[1], back, Moved{Kind: KindVPs, From: uint64(to), To: uint64(from), FromStride: sizeOf[after](), ToStride: sizeOf[before](), Count: 3, UseFrom: 41, UseTo: 1})
	c.Seal()
	return old, recordsAt[after](to, 3), c
}

func (b *before) say(text string) {
	for _, ch := range []byte(text) {
		b.Ring[b.At%64] = ch
		b.At++
	}
}

func TestPassAndTake(t *testing.T) {
	old, fresh, c := stageBoth(t)
	require.True(t, c.Good())
	for i := range fresh {
		c.Way[0].Convert(&c.Way[0].Table[0], Bytes(c.Way[0].Table[0].From, sizeOf[before](), uint64(i)), Bytes(c.Way[0].Table[0].To, sizeOf[after](), uint64(i)), true)
	}
	b := &old[1]
	*b = before{Use: 1, A: 2, Small: 1 << 31, Neg: -3, Gone: 4, Hint: [4]uint64{1, 2, 3, 4}, B: 5, Part: sealed{X: 9}}
	Seal(&b.Part, KindHost)
	b.say("0123456789")
	old[2].A = 6 // not in use: nobody looks
	require.Zero(t, Take(), "ours are in force")
	require.NotZero(t, Pass())

	f := &fresh[1]
	require.Equal(t, uint64(0), fresh[2].A)
	require.Equal(t, "0123456789", string(f.Ring[:10]))
	require.True(t, Sealed(&f.Part, KindHost))
	require.Equal(t, after{Use: 1, A: 2, Small: 1 << 31, Neg: -3, New: 77, B: 5, At: 10, Ring: f.Ring, Part: f.Part}, *f, "hints stay as they were mirrored")
	require.Equal(t, uint64(9), f.Part.X)
	require.Error(t, Unstage(), "another instance has the machine")

	// The other instance: it finds its tables, and changes them.
	require.NoError(t, Attach(Root()))
	require.Equal(t, uint64(1), Own())
	_, stride, _, ok := Lookup(KindVPs)
	require.True(t, ok)
	require.Equal(t, sizeOf[after](), stride)
	f.A, f.Neg, f.Use, fresh[0].Use = 20, -4, 0, 1 // the second record is no longer in use, the first one is
	for range 7 {
		for _, ch := range []byte("abcdefghijklm") {
			f.Ring[f.At%96] = ch
			f.At++
		}
	}
	f.Part.X = 10
	Seal(&f.Part, KindHost)

	// And back: this instance again, from its pristine memory.
	arena.own = 0
	require.NotZero(t, Take())
	require.Zero(t, Take())
	require.Equal(t, uint64(1), old[0].Use)
	require.Equal(t, [3]uint64{20, 0, 101}, [3]uint64{b.A, b.Use, b.At})
	require.Equal(t, int16(-4), b.Neg)
	require.Equal(t, [2]uint64{4, 5}, [2]uint64{b.Gone, b.B}, "what the other one does not have stays")
	require.True(t, Sealed(&b.Part, KindHost))
	require.Equal(t, uint64(10), b.Part.X)
	for i := b.At - 64; i < b.At; i++ {
		require.Equal(t, byte("abcdefghijklm"[(i-10)%13]), b.Ring[i%64])
	}
	require.NoError(t, Unstage())
}

func TestStage(t *testing.T) {
	stageBoth(t)
	require.Zero(t, Check().Wrong)
	used := Used()
	require.NoError(t, Changing().Layouts[0].Store([]byte("a layout")))
	require.Equal(t, "a layout", string(Changing().Layouts[0].Load()))
	require.NoError(t, Unstage())
	require.Nil(t, Changing())
	require.Zero(t, Pass(), "nothing to do")
	require.Equal(t, used-addr.PageSize*(1+(sizeOf[Change]()+addr.PageSize-1)/addr.PageSize), Used())
	require.Zero(t, Check().Wrong)
	require.Error(t, Follow(), "nothing to follow")
	for name, s := range map[string]Staged{
		"not there": {Kind: KindCPUs, Stride: 8, Count: 1, Version: 1, Share: true},
		"different": {Kind: KindHost, Stride: 8, Count: 1, Version: 1, Share: true},
		"too large": {Kind: KindCPUs, Stride: 1 << 20, Count: 1, Version: 1},
		"no kind":   {Kind: 64, Stride: 8, Count: 1, Version: 1},
		"odd":       {Kind: KindCPUs, Stride: 9, Count: 1, Version: 1},
	} {
		_, err := Stage([]Staged{s})
		require.Error(t, err, name)
	}
	require.NoError(t, Unstage())
	require.Zero(t, Check().Wrong)
	require.Equal(t, used-addr.PageSize*(1+(sizeOf[Change]()+addr.PageSize-1)/addr.PageSize), Used())
}

// TestFollow is what a candidate does.
func TestFollow(t *testing.T) {
	_, fresh, c := stageBoth(t)
	require.NoError(t, Attach(Root()))
	require.NoError(t, Follow())
	at, stride, _, ok := Lookup(KindVPs)
	require.True(t, ok)
	require.Equal(t, sizeOf[after](), stride)
	require.Same(t, &fresh[0], &recordsAt[after](at, 3)[0])
	_, _, _, ok = Lookup(KindHost)
	require.True(t, ok, "a table that both have")
	require.Error(t, Unstage(), "it may not write")
	require.NoError(t, Attach(Root()))
	c.Way[0].Op[3].To++
	require.False(t, c.Good())
	require.Error(t, Follow(), "damaged")
}

// TestPassAllocatesNothing: it runs while everybody stands.
func TestPassAllocatesNothing(t *testing.T) {
	old, _, _ := stageBoth(t)
	old[0].Use = 1
	require.Zero(t, testing.AllocsPerRun(10, func() {
		Pass()
		Take()
	}))
	require.NotZero(t, phys.Load(Root()))
}
