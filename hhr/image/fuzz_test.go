package image_test

import (
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/hhr/image"
	"perdure/hhr/image/sign"
)

// FuzzDamage changes a byte of a good image, or cuts it off: whatever is not
// the signed file is refused.
func FuzzDamage(f *testing.F) {
	m := manifest()
	good := sign.File(sign.Sample(), &m, ours)
	f.Add(uint(len(good)), uint(0), byte(0))
	f.Add(uint(len(good)-1), uint(0), byte(0))
	f.Add(uint(8192), uint(0), byte(0))
	f.Add(uint(len(good)), uint(len(good)-10), byte(1))
	f.Add(uint(len(good)), uint(70), byte(1))
	f.Fuzz(func(t *testing.T, length, at uint, flip byte) {
		now := running()
		bad := append([]byte(nil), good[:min(length, uint(len(good)))]...)
		if at < uint(len(bad)) {
			bad[at] ^= flip
		} else {
			flip = 0
		}
		_, err := image.Check(bad, public(ours), &now)
		if len(bad) == len(good) && flip == 0 {
			require.NoError(t, err)
		} else {
			require.Error(t, err)
		}
	})
}

// FuzzSigned takes bytes that the right key has signed, however strange: they
// are judged, and what can be loaded lies in the file.
func FuzzSigned(f *testing.F) {
	m := manifest()
	f.Add(sign.Sample(), m.Encode()[:0x200])
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, body, fields []byte) {
		body = sign.File(body, &image.Manifest{}, ours)
		body = body[:len(body)-image.PageSize]
		m := manifest()
		page := sign.Page(body, &m, ours)
		message, signature := image.Signed(page)
		copy(message[0x98:0xd0], fields)
		if len(fields) > 0x38 {
			copy(message[0x100:], fields[0x38:])
		}
		copy(signature, ed25519.Sign(ours, message))
		now := running()
		got, err := image.Check(append(body, page...), public(ours), &now)
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		require.LessOrEqual(t, got.Load.Offset+got.Load.Size, uint64(len(body)))
		require.Less(t, got.Load.Entry, got.Load.Size)
		require.NotZero(t, got.Load.Size)
	})
}

// FuzzVerify holds our verification to the standard library's.
func FuzzVerify(f *testing.F) {
	message := []byte("a manifest")
	f.Add([]byte(ours.Public().(ed25519.PublicKey)), message, ed25519.Sign(ours, message))
	f.Add(make([]byte, 32), message, make([]byte, 64))
	f.Add([]byte(theirs.Public().(ed25519.PublicKey)), []byte{}, ed25519.Sign(theirs, nil))
	f.Fuzz(func(t *testing.T, key, message, signature []byte) {
		if len(key) != ed25519.PublicKeySize {
			return
		}
		want := ed25519.Verify(key, message, signature)
		require.Equal(t, want, image.Key(key).Verify(message, signature))
		// And one that is right, changed by what the fuzzer made.
		good := ed25519.Sign(ours, message)
		require.True(t, public(ours).Verify(message, good))
		for i := range min(len(good), len(signature)) {
			good[i] ^= signature[i]
		}
		require.Equal(t, ed25519.Verify(ours.Public().(ed25519.PublicKey), message, good), public(ours).Verify(message, good))
	})
}
