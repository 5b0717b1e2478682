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

// Empty is the checksum of no words: for those of a record that do not change,
// where the others change too often for a header.
const Empty uint64 = offset

// Add returns the checksum of one word more.
//
//go:nosplit
func Add(sum, w uint64) uint64 { return mix(sum, w) }

// Sum returns the checksum of words.
func Sum(words ...uint64) uint64 {
	s := Empty
	for _, w := range words {
		s = mix(s, w)
	}
	return s
}
