package kept

// Header begins a record that is checked as a whole: one that changes rarely.
// Records that handlers change word by word are protected by their log instead.
type Header struct {
	Sum  uint64 // of all that follows
	Seq  uint64 // how often the record was sealed
	Kind uint64
	Size uint64 // of the record in bytes, header included
}

const (
	headerSize = 32
	maxRecord  = 1 << 20
)

// Init makes h the header of a new record of size bytes, a multiple of 8.
//
//go:nosplit
func (h *Header) Init(kind Kind, size uint64) { *h = Header{Kind: uint64(kind), Size: size} }

// Seal makes the sum right after changes.
//
//go:nosplit
func (h *Header) Seal() {
	h.Seq++
	if h.sized() {
		h.Sum = h.digest()
	}
}

// Check reports whether the record is as it was when it was sealed.
//
//go:nosplit
func (h *Header) Check() bool { return h.Seq != 0 && h.sized() && h.Sum == h.digest() }

// sized reports whether Size can be true.
//
//go:nosplit
func (h *Header) sized() bool {
	return h.Size >= headerSize && h.Size <= maxRecord && h.Size%8 == 0
}
