package kept

import "math/bits"

// A sum finds damage, and since each of its steps can be taken back, it says where a single
// wrong bit is too: the sum of what is before a word, and what it must be, counted
// back from the end, differ in that bit, and nowhere else in so few.

// inverse takes the multiplication by prime back.
const inverse = 0xce965057aff6957b

// correct puts the wrong bit right in words whose sum must be want, and reports whether
// there is one.
func correct(words []uint64, want uint64) bool {
	back := want
	for i := len(words) - 1; i >= 0; i-- {
		back = (back^back>>32)*inverse ^ words[i]
	}
	front := Empty
	for i, w := range words {
		if wrong := front ^ back; bits.OnesCount64(wrong) == 1 {
			words[i] ^= wrong
			return true
		}
		front, back = mix(front, w), mix(back, w)
	}
	return false
}

// Correct puts one wrong bit right in r, a record that begins with a Header, and reports
// whether it had one. It must not be called while r is being changed.
func Correct[T any](r *T, k Kind) bool {
	if Sealed(r, k) {
		return false
	}
	words := wordsOf(r)
	sum, rest := &words[0], words[1:]
	if now := Sum(rest...); bits.OnesCount64(now^*sum) == 1 {
		*sum = now
	} else if !correct(rest, *sum) {
		return false
	}
	return Sealed(r, k)
}

// correct is Correct for a line of a directory, whose sum is always odd.
func (l *line) correct() bool {
	if l.Sum == 0 || l.Sum == l.sum() {
		return false
	}
	if now := l.sum(); bits.OnesCount64(now^l.Sum) == 1 {
		l.Sum = now
		return true
	}
	words := wordsOf(l)[:lineWords]
	return correct(words, l.Sum) || correct(words, l.Sum&^1)
}
