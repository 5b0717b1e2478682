package image

import (
	"encoding/hex"

	"filippo.io/edwards25519"

	"perdure/hhr/sha512"
)

const (
	keySize       = 32
	signatureSize = 64
)

// Key is the public half of an Ed25519 key; the zero value is nobody's.
type Key [keySize]byte

// Builtin is the key whose images are trusted when nothing else is said, in
// hexadecimal; the linker sets it.
var Builtin string

// BuiltinKey returns it, or nobody's.
func BuiltinKey() Key {
	k, _ := ParseKey(Builtin)
	return k
}

// ParseKey reads a key from its 64 hexadecimal digits.
func ParseKey(s string) (k Key, ok bool) {
	if len(s) != 2*keySize {
		return Key{}, false
	}
	if _, err := hex.Decode(k[:], []byte(s)); err != nil {
		return Key{}, false
	}
	return k, k != Key{}
}

func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Signed returns what of a manifest's page is signed, and the place of the
// signature.
func Signed(page []byte) (message, signature []byte) {
	return page[:atSignature], page[atSignature:]
}

// verify says what is wrong with the signature of a manifest's page.
func (k Key) verify(page []byte) (why string) {
	if k == (Key{}) {
		return "there is no key to check it with: none is built in, and none was given with key="
	}
	message, signature := Signed(page)
	if k.Verify(message, signature) {
		return ""
	}
	if by := Key(page[atKey : atKey+keySize]); by != k {
		return "it is signed by " + by.String() + ", trusted is " + k.String()
	}
	return "its signature is not valid: the manifest is damaged"
}

// Verify reports whether signature is k's for message. RFC 8032, "Verify", for
// Ed25519, without the cofactor, as the standard library does it.
func (k Key) Verify(message, signature []byte) bool {
	if len(signature) != signatureSize {
		return false
	}
	a, err := new(edwards25519.Point).SetBytes(k[:])
	if err != nil {
		return false
	}
	s, err := edwards25519.NewScalar().SetCanonicalBytes(signature[32:])
	if err != nil {
		return false
	}
	digest := sha512.Sum(signature[:32], k[:], message)
	h, err := edwards25519.NewScalar().SetUniformBytes(digest[:])
	if err != nil {
		return false
	}
	r := combine(s, edwards25519.NewGeneratorPoint(), h, a.Negate(a)) // R = [S]B - [h]A
	return string(r.Bytes()) == string(signature[:32])
}

// combine returns [n]p + [m]q, two bits of both numbers at a time. (The library's own
// way makes a table of the generator's multiples first, which is for who checks many
// signatures, and cannot be done in pieces.)
func combine(n *edwards25519.Scalar, p *edwards25519.Point, m *edwards25519.Scalar, q *edwards25519.Point) *edwards25519.Point {
	var sums [16]edwards25519.Point // [i]p + [j]q, at 4i+j
	sums[0].Set(edwards25519.NewIdentityPoint())
	for k := 1; k < len(sums); k++ {
		if k%4 != 0 {
			sums[k].Add(&sums[k-1], q)
		} else {
			sums[k].Add(&sums[k-4], p)
		}
	}
	x, y := n.Bytes(), m.Bytes()
	r := edwards25519.NewIdentityPoint()
	for at := 254; at >= 0; at -= 2 {
		r.Double(r.Double(r))
		if k := x[at/8]>>(at%8)&3<<2 | y[at/8]>>(at%8)&3; k != 0 {
			r.Add(r, &sums[k])
		}
		Rest()
	}
	return r
}
