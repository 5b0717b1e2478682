// Package sign makes a signed image of an ELF file and a manifest.
//
// The one idea: what the hypervisor checks is made in one place, on the host,
// where the standard library's signatures are to be had.
package sign

import (
	"crypto/ed25519"

	"perdure/hhr/blake3"
	"perdure/hhr/image"
)

// File returns the image: elf, filled up to whole pages, and m, whose size,
// digest and key are set here, signed with key.
func File(elf []byte, m *image.Manifest, key ed25519.PrivateKey) []byte {
	body := With(elf, nil)
	return append(body, Page(body, m, key)...)
}

// With returns elf and behind it what describes its kept records, each filled up
// to whole pages.
func With(elf, layouts []byte) (body []byte) {
	for _, part := range [][]byte{elf, layouts} {
		body = append(body, part...)
		body = append(body, make([]byte, -len(body)&(image.PageSize-1))...)
	}
	return body
}

// Page returns the manifest's page for a body of whole pages.
func Page(body []byte, m *image.Manifest, key ed25519.PrivateKey) []byte {
	m.Size, m.Digest = uint64(len(body)), blake3.Sum(body)
	m.Key = image.Key(key.Public().(ed25519.PublicKey))
	page := m.Encode()
	message, signature := image.Signed(page)
	copy(signature, ed25519.Sign(key, message))
	return page
}

// Body returns a file without its manifest, if it has one.
func Body(file []byte) []byte {
	if n := len(file) - image.PageSize; n > 0 && image.MarkPage(file[n:]) {
		return file[:n]
	}
	return file
}
