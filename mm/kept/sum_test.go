package kept

import "testing"

// TestSum wants every single bit of every word to count, and their order.
func TestSum(t *testing.T) {
	words := []uint64{0, 1, 1 << 63, ^uint64(0), 7}
	whole := Sum(words...)
	for i := range words {
		for bit := range 64 {
			words[i] ^= 1 << bit
			if Sum(words...) == whole {
				t.Errorf("bit %d of word %d does not count", bit, i)
			}
			words[i] ^= 1 << bit
		}
	}
	if Sum(1, 2) == Sum(2, 1) || Sum() == Sum(0) {
		t.Error("order or number does not count")
	}
}
