package kept

// Header begins a record that is sealed whenever it is at rest: between two
// changes its sum is right, and a record whose sum is wrong was being changed,
// or is damaged.
type Header struct {
	Sum  uint64 // of all that follows it
	Seq  uint64 // rises with every seal
	Kind Kind
}

// prime and offset are those of FNV-1a, 64 bits. The sum takes words, not
// bytes: each step is a bijection of the sum so far, so no damage to a single
// word goes unseen.
const (
	prime  = 0x100000001b3
	offset = 0xcbf29ce484222325
)

// mix adds a word to a sum.
//
//go:nosplit
func mix(sum, w uint64) uint64 {
	sum = (sum ^ w) * prime
	return sum ^ sum>>32
}

// Sum returns the checksum of words: for those of a record that do not change,
// where the others change too often for a header.
func Sum(words ...uint64) uint64 {
	s := uint64(offset)
	for _, w := range words {
		s = mix(s, w)
	}
	return s
}
