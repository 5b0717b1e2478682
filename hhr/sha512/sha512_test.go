package sha512

import (
	std "crypto/sha512"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSumIsTheStandardLibrarys compares every length up to a few blocks, in one
// piece and in two.
func TestSumIsTheStandardLibrarys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 5*BlockSize)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for n := range data {
		want := std.Sum512(data[:n])
		require.Equal(t, want, Sum(data[:n]), "%d bytes", n)
		cut := r.IntN(n + 1)
		h := New()
		h.Write(data[:cut])
		h.Sum() // changes nothing
		h.Write(data[cut:n])
		require.Equal(t, want, h.Sum(), "%d bytes, cut after %d", n, cut)
	}
}

func TestNothingIsAllocated(t *testing.T) {
	data := make([]byte, 1000)
	h := New()
	require.Zero(t, testing.AllocsPerRun(10, func() { h.Write(data); h.Sum() }))
}

func FuzzSum(f *testing.F) {
	f.Add([]byte("abc"), uint(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		cut %= uint(len(data) + 1)
		require.Equal(t, std.Sum512(data), Sum(data[:cut], data[cut:]))
	})
}
