// Package device is what every virtual device has in common.
//
// The one idea: a device is a record of words, so it is written out and read
// back as the list of them, and what is read back is believed only after the
// device itself has looked at it.
package device

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Device is what all of them can do beside answering their guest. Save appends
// what the device is; Load makes it what Save wrote, or changes nothing and says
// why not. Whatever Load accepts, no access of the guest can lead the device
// beyond its own record.
type Device interface {
	Save(to []byte) []byte
	Load(from []byte) error
}

// ErrState is why Load refuses words that no device can have come to.
var ErrState = errors.New("no device can be in this state")

// headerWords is what stands before the words of a device: version and count.
const headerWords = 2

// Save appends words, and before them their number and the version of their
// meaning.
func Save(to []byte, version uint64, words []*uint64) []byte {
	to = binary.LittleEndian.AppendUint64(to, version)
	to = binary.LittleEndian.AppendUint64(to, uint64(len(words)))
	for _, w := range words {
		to = binary.LittleEndian.AppendUint64(to, *w)
	}
	return to
}

// Load fills words with what Save wrote from as many of them.
func Load(from []byte, version uint64, words []*uint64) error {
	if want := 8 * (headerWords + len(words)); len(from) != want {
		return fmt.Errorf("%d bytes, want %d", len(from), want)
	}
	if got := binary.LittleEndian.Uint64(from); got != version {
		return fmt.Errorf("version %d, want %d", got, version)
	}
	if got := binary.LittleEndian.Uint64(from[8:]); got != uint64(len(words)) {
		return fmt.Errorf("%d words, want %d", got, len(words))
	}
	for i, w := range words {
		*w = binary.LittleEndian.Uint64(from[8*(headerWords+i):])
	}
	return nil
}

// Refs returns references to every word of a list.
func Refs(words []uint64) []*uint64 {
	refs := make([]*uint64, len(words))
	for i := range words {
		refs[i] = &words[i]
	}
	return refs
}
