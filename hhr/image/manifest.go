package image

import (
	"bytes"

	"perdure/boot/le"
	"perdure/hhr/blake3"
)

// Format is the version of the manifest's page.
const Format = 2

// magic begins the page: "PERDIMG".
const magic = 0x00474d4944524550

// Where things lie in the page.
const (
	atMagic     = 0x000
	atFormat    = 0x008
	atCount     = 0x00c
	atBuild     = 0x010
	atRelease   = 0x038
	atSize      = 0x050
	atDigest    = 0x058
	atHome      = 0x098
	atProgram   = 0x0a0
	atBlackout  = 0x0a8
	atEntry     = 0x0b0
	atHandoff   = 0x0b4
	atBad       = 0x0b8
	atKey       = 0x0d0
	atLayouts   = 0x0f0
	atRecords   = 0x100
	atSignature = PageSize - signatureSize
	recordSize  = 32
)

// MaxRecords is how many records a manifest may name.
const MaxRecords = (atSignature - atRecords) / recordSize

// Manifest is what an image says of itself.
type Manifest struct {
	Build    string            // build id, as `hvctl version` shows it
	Release  string            // such as 0.1.0
	Size     uint64            // bytes of the file before the manifest
	Digest   [blake3.Size]byte // of these, by BLAKE3
	Home     uint64            // bytes of memory that it needs for a home
	Program  uint64            // of these the Go program's
	Blackout uint64            // most instructions per processor from the last guest's under the old instance to the first under this one
	Entry    uint32            // version of the entry protocol: of the boot page
	Handoff  uint32            // version of the protocol between two instances
	Bad      string            // what it does wrong on purpose; for tests
	Key      Key               // whose signature it is
	Layouts  uint64            // bytes that describe its kept records, at the beginning of the last pages before the manifest
	Records  []Record          // kept records that it knows, by number
}

// Record says which versions of a kept record an image understands. Two images
// fit if there is a version that the old one writes and the new one reads.
type Record struct {
	Number  uint32
	Version uint32 // that it works with, and the newest that it reads
	Reads   uint32 // oldest version that it reads
	Writes  uint32 // oldest version that it writes for another instance
	Bytes   uint32 // of one record in memory
	Drop    bool   // an instance that does not know it may do without
	Layout  uint64 // digest of its layout in memory
}

// MarkPage reports whether page may be a manifest's page.
func MarkPage(page []byte) bool {
	return len(page) == PageSize && le.U64(page, atMagic) == magic
}

// Word returns what the image of a manifest's page does wrong on purpose.
func Word(page []byte) string { return text(page[atBad:atKey]) }

// manifestPage finds the page in a file.
func manifestPage(file []byte) (page []byte, why string) {
	switch {
	case len(file) < 2*PageSize:
		return nil, "the file is too short to be an image"
	case len(file) > MaxSize:
		return nil, "the file is too long to be an image"
	case len(file)%PageSize != 0:
		return nil, "the file is cut off or carries no manifest: it does not end with a page"
	}
	page = file[len(file)-PageSize:]
	if !MarkPage(page) {
		return nil, "the file carries no manifest: it is not signed, cut off, or no image"
	}
	return page, ""
}

// decode reads a page.
func (m *Manifest) decode(page []byte) (why string) {
	if f := le.U32(page, atFormat); f != Format {
		return "its manifest has format " + dec(f) + ", known is " + dec(Format)
	}
	n := le.U32(page, atCount)
	if n > MaxRecords {
		return "its manifest is damaged: too many records"
	}
	*m = Manifest{
		Build:    text(page[atBuild:atRelease]),
		Release:  text(page[atRelease:atSize]),
		Size:     le.U64(page, atSize),
		Digest:   [blake3.Size]byte(page[atDigest:atHome]),
		Home:     le.U64(page, atHome),
		Program:  le.U64(page, atProgram),
		Blackout: le.U64(page, atBlackout),
		Entry:    le.U32(page, atEntry),
		Handoff:  le.U32(page, atHandoff),
		Bad:      text(page[atBad:atKey]),
		Key:      Key(page[atKey : atKey+keySize]),
		Layouts:  le.U64(page, atLayouts),
		Records:  make([]Record, n),
	}
	if m.Size%PageSize != 0 || m.Layouts > m.Size {
		return "its manifest is damaged: more layouts than there are bytes"
	}
	for i := range m.Records {
		b := page[atRecords+i*recordSize:]
		m.Records[i] = Record{le.U32(b, 0), le.U32(b, 4), le.U32(b, 8), le.U32(b, 12), le.U32(b, 16), le.U32(b, 20) != 0, le.U64(b, 24)}
		if r := &m.Records[i]; r.Reads > r.Version || r.Writes > r.Version || i > 0 && r.Number <= m.Records[i-1].Number {
			return "its manifest is damaged: record " + dec(r.Number)
		}
	}
	return ""
}

// Encode returns the manifest's page without a signature. Texts that are too
// long for it are cut.
func (m *Manifest) Encode() []byte {
	page := make([]byte, PageSize)
	le.Put64(page, atMagic, magic)
	le.Put32(page, atFormat, Format)
	le.Put32(page, atCount, uint32(len(m.Records)))
	copy(page[atBuild:atRelease-1], m.Build)
	copy(page[atRelease:atSize-1], m.Release)
	le.Put64(page, atSize, m.Size)
	copy(page[atDigest:], m.Digest[:])
	le.Put64(page, atHome, m.Home)
	le.Put64(page, atProgram, m.Program)
	le.Put64(page, atBlackout, m.Blackout)
	le.Put32(page, atEntry, m.Entry)
	le.Put32(page, atHandoff, m.Handoff)
	copy(page[atBad:atKey-1], m.Bad)
	copy(page[atKey:], m.Key[:])
	le.Put64(page, atLayouts, m.Layouts)
	for i, r := range m.Records {
		b := page[atRecords+i*recordSize : atRecords+(i+1)*recordSize]
		for k, w := range [5]uint32{r.Number, r.Version, r.Reads, r.Writes, r.Bytes} {
			le.Put32(b, 4*k, w)
		}
		if r.Drop {
			le.Put32(b, 20, 1)
		}
		le.Put64(b, 24, r.Layout)
	}
	return page
}

// LayoutsOf returns what of a body describes the kept records.
func (m *Manifest) LayoutsOf(body []byte) []byte {
	pages := (m.Layouts + PageSize - 1) &^ (PageSize - 1)
	if m.Layouts > uint64(len(body)) || pages > uint64(len(body)) {
		return nil
	}
	at := uint64(len(body)) - pages
	return body[at : at+m.Layouts]
}

// text returns a field without the zeros behind it; what no terminal should
// see becomes a question mark.
func text(field []byte) string {
	field, _, _ = bytes.Cut(field, []byte{0})
	out := bytes.Clone(field)
	for i, c := range out {
		if c < 0x20 || c > 0x7e {
			out[i] = '?'
		}
	}
	return string(out)
}
