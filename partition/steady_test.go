//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/kernel"
	"perdure/partition/abi"
)

// known is a machine with root and a guest whose steady words are sealed.
func known(t *testing.T) (c *CPU, guest *Partition) {
	machine(t, 256*mib)
	root := Lookup(0)
	root.VPs = 1
	tab.VPs[0] = VP{State: VPHalted, VMCS: 0x5000}
	tab.Host.VPs = 1
	root.VP(0).seal()
	root.seal()
	tab.Host.seal()
	tab.CPUs[0].seal()
	_, err := put(wish("known", 8*mib))
	require.Zero(t, err)
	require.False(t, labour(1000))
	require.Equal(t, Created, Lookup(1).State)
	return &tab.CPUs[0], Lookup(1)
}

// all returns the steady words of all records of a known machine.
func all(c *CPU, p *Partition) []steady {
	return []steady{tab.Host.steady(), c.steady(), Lookup(0).steady(), p.steady(), tab.VPs[0].steady(), p.VP(0).steady(), p.VP(2).steady()}
}

// flip flips a bit of word n of s, or of its checksum, or of its twin.
func (s steady) flip(n int, bit uint64) {
	keep := append([]uint64(nil), s.twin...)
	switch words := len(s.twin) - 1; {
	case n < words: // by way of the twin
		s.move(false)
		s.twin[1+n] ^= 1 << bit
		s.move(true)
		copy(s.twin, keep)
	case n == words:
		*s.sum ^= 1 << bit
	default:
		s.twin[n-words-1] ^= 1 << bit
	}
}

// Every bit of every steady word, of its checksum and of its twin: damage of one of
// the three is seen and put right.
func TestSteady(t *testing.T) {
	c, p := known(t)
	for k, s := range all(c, p) {
		right, sum := s.now(), *s.sum
		require.Equal(t, right, sum)
		words := len(s.twin) - 1
		n := 0
		for _, l := range s.list {
			n += int(l.words)
		}
		require.Equal(t, n, words)
		for n := range 2*words + 2 {
			for bit := range uint64(64) {
				before := tab.Host.Damage.Mended
				s.flip(n, bit)
				if n <= words {
					require.NotEqual(t, s.now(), *s.sum, "record %d word %d bit %d", k, n, bit)
				}
				if h := s.mend(); n <= words && h != mended || n > words && h != whole {
					t.Fatalf("record %d word %d bit %d: %d", k, n, bit, h)
				}
				require.True(t, s.now() == right && *s.sum == right && s.twins(), "record %d word %d bit %d", k, n, bit)
				require.Equal(t, b2u(n <= words), tab.Host.Damage.Mended-before)
			}
		}
	}
	assert.Zero(t, tab.Host.Damage.Lost)
	scrubRecords(0)
	assert.Zero(t, tab.Host.Damage.Lost)
}

// Damage in two places cannot be put right: a guest's costs that guest, root goes on,
// and the machine's is the end.
func TestLost(t *testing.T) {
	for k := range 7 {
		c, p := known(t)
		s := all(c, p)[k]
		s.flip(0, 3)
		s.flip(len(s.twin)+1, 5)
		if k < 2 {
			assert.Panics(t, func() { scrubRecords(0) }, k)
			f := Examine()
			assert.True(t, f.Machine)
			continue
		}
		scrubRecords(0)
		assert.NotZero(t, tab.Host.Damage.Lost)
		if k == 2 || k == 4 {
			assert.Equal(t, Running, Lookup(0).State)
			assert.Equal(t, Created, p.State, "root's damage costs no guest")
			continue
		}
		assert.Equal(t, [...]any{Stopped, WhyDamaged, uint64(1), uint64(3), Guest}, [...]any{p.State, p.Why, p.ID, p.VPs, p.Kind})
		require.Zero(t, p.operate(abi.OpDestroy))
		require.False(t, labour(1000), "it can be destroyed all the same")
		assert.Equal(t, Free, p.State)
		assert.EqualValues(t, VPHalted, tab.VPs[0].State)
	}
}

// A twin of before, as another instance's changes leave it, is made anew.
func TestOldTwin(t *testing.T) {
	_, p := known(t)
	*kernel.Twins() = [kernel.TwinWords]uint64{}
	require.Equal(t, whole, p.VP(1).mend())
	p.VP(1).Part ^= 1 << 9
	assert.False(t, *p.VP(1).steady().sum == func() uint64 { s := p.VP(1).steady(); return s.now() }())
	assert.True(t, p.VP(1).right())
	assert.EqualValues(t, 1, p.VP(1).Part)
	require.Zero(t, p.set(abi.SetWeight, 300))
	require.Equal(t, whole, p.VP(1).mend())
	assert.EqualValues(t, 300, p.Weight)
}
