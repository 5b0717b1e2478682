package mirror

import (
	"encoding/hex"
	"sync"

	"perdure/hhr/record"
)

// Wire is what this build's records look like, as they travel, in hexadecimal: hvimage
// finds it out for the image's own pages and has the linker put it here too. To find it
// out takes reflection six million instructions, in every candidate.
var Wire string

// ownWire is what our records look like, as that travels.
var ownWire = sync.OnceValues(func() ([]byte, error) {
	if Wire != "" {
		return hex.DecodeString(Wire)
	}
	l, err := record.Describe()
	if err != nil {
		return nil, err
	}
	return l.Encode(), nil
})

// own is what our records look like.
var own = sync.OnceValues(func() (*record.Layouts, error) {
	w, err := ownWire()
	if err != nil {
		return nil, err
	}
	return record.Decode(w)
})
