package blake3

import (
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	std "github.com/zeebo/blake3"
)

// want is the digest by a library.
func want(data []byte) (sum [Size]byte) {
	h := std.New()
	h.Write(data)
	h.Digest().Read(sum[:])
	return sum
}

// TestSumIsTheLibrarys compares lengths around every border of blocks, chunks and
// subtrees, in one piece and in two.
func TestSumIsTheLibrarys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 40*chunkSize+1)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for n := range data {
		if rest := (n + 1) % chunkSize; n > 3*chunkSize && rest > 2 && n%97 != 0 {
			continue
		}
		require.Equal(t, want(data[:n]), Sum(data[:n]), "%d bytes", n)
		cut := r.IntN(n + 1)
		var h Hash
		h.Write(data[:cut])
		h.Sum() // changes nothing
		h.Write(data[cut:n])
		require.Equal(t, want(data[:n]), h.Sum(), "%d bytes, cut after %d", n, cut)
	}
}

// TestNothing is one of the digests that the algorithm's authors give.
func TestNothing(t *testing.T) {
	sum := Sum(nil)
	require.Equal(t, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", hex.EncodeToString(sum[:32]))
}

// TestManyChunks has a count of chunks that does not fit into 32 bits.
func TestManyChunks(t *testing.T) {
	in := new([lanes * chunkSize]byte)
	for i := range in {
		in[i] = byte(i * i >> 3)
	}
	for _, count := range []uint64{0, 4, 1<<32 - 4, 5 << 32} {
		var out [8][lanes]uint32
		four(&out, in, count)
		for lane := range uint64(lanes) {
			n := leaf(in[lane*chunkSize:(lane+1)*chunkSize], count+lane)
			for i, w := range n.value() {
				require.Equal(t, w, out[i][lane], "chunk %d, word %d", count+lane, i)
			}
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	data := make([]byte, 10000)
	var h Hash
	require.Zero(t, testing.AllocsPerRun(10, func() { h.Write(data); h.Sum() }))
}

func FuzzSum(f *testing.F) {
	f.Add([]byte("abc"), uint(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		cut %= uint(len(data) + 1)
		var h Hash
		h.Write(data[:cut])
		h.Write(data[cut:])
		require.Equal(t, want(data), h.Sum())
	})
}
