package abi

// Header begins every record. Size is that of the whole record as its writer
// knows it: a reader with a longer struct finds zeros in what it does not get,
// one with a shorter struct ignores the rest; an array's stride is Size.
type Header struct {
	Size    uint32
	Version uint32 // of this record; rises only when a field changes its meaning
}

// Record is a struct of this package: it can be seen as its encoding.
type Record interface {
	// Bytes returns the record's own memory, which is its encoding.
	Bytes() []byte
	// want returns the version that this package reads.
	want() uint32
}

// DecodeError says why bytes are not the record that was asked for.
type DecodeError string

func (e DecodeError) Error() string { return "hypervisor's record: " + string(e) }

// Why a record is refused.
const (
	ErrShort   DecodeError = "shorter than its header or its size"
	ErrOther   DecodeError = "of a version that this tool does not know"
	headerSize             = 8
)

// Decode fills r from the beginning of b and returns the bytes that follow it. A
// record cut short by its reader's buffer (Size larger than b) is taken as far as
// it goes when cut is set, and refused when not.
func Decode(b []byte, r Record, cut bool) (rest []byte, err error) {
	if len(b) < headerSize {
		return nil, ErrShort
	}
	size := le32(b)
	if le32(b[4:]) != r.want() {
		return nil, ErrOther
	}
	if size < headerSize || uint64(size) > uint64(len(b)) && !cut {
		return nil, ErrShort
	}
	n := min(int(size), len(b))
	to := r.Bytes()
	clear(to)
	copy(to, b[:n])
	return b[n:], nil
}

func le32(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// Text returns what a fixed field of characters holds before its first zero.
func Text(field []byte) string {
	for i, c := range field {
		if c == 0 {
			return string(field[:i])
		}
	}
	return string(field)
}

// SetText puts s, cut to fit, into a fixed field of characters.
//
//go:nosplit
func SetText(field []byte, s string) {
	for i := range field {
		field[i] = 0
		if i < len(s) {
			field[i] = s[i]
		}
	}
}

// Versions of the records.
const (
	InfoVersion      = 1
	ProcessorVersion = 1
	PartitionVersion = 1
	CountersVersion  = 1
	LinesVersion     = 1
	CheckVersion     = 1
	DiskInfoVersion  = 1
	NetPortVersion   = 1
	WalkVersion      = 1
	RegistersVersion = 1
	EntryVersion     = 1
	ConfigVersion    = 1
)

func (*Info) want() uint32      { return InfoVersion }
func (*Processor) want() uint32 { return ProcessorVersion }
func (*Partition) want() uint32 { return PartitionVersion }
func (*Counters) want() uint32  { return CountersVersion }
func (*Lines) want() uint32     { return LinesVersion }
func (*Check) want() uint32     { return CheckVersion }
func (*DiskInfo) want() uint32  { return DiskInfoVersion }
func (*Restart) want() uint32   { return RestartVersion }
func (*NetPort) want() uint32   { return NetPortVersion }
func (*Walk) want() uint32      { return WalkVersion }
func (*Registers) want() uint32 { return RegistersVersion }
func (*Entry) want() uint32     { return EntryVersion }
func (*Config) want() uint32    { return ConfigVersion }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Info) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Processor) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Partition) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Counters) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Lines) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Check) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Config) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Entry) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Registers) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Walk) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *NetPort) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *DiskInfo) Bytes() []byte { return view(r) }

// Bytes returns r's encoding, in place.
//
//go:nosplit
func (r *Restart) Bytes() []byte { return view(r) }

// Bytes returns e's encoding, in place.
//
//go:nosplit
func (e *TraceEntry) Bytes() []byte { return view(e) }

// HeaderOf returns the header that r has when this version writes it.
func HeaderOf(r Record) Header {
	return Header{Size: uint32(len(r.Bytes())), Version: r.want()}
}
