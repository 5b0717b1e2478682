package load

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/therootcompany/xz"

	"perdure/boot/le"
)

// packing is a way in which kernels are packed, known by its first bytes.
type packing struct {
	magic, name string
	open        func(io.Reader) (io.Reader, error)
}

var packings = []packing{
	{"\x1f\x8b", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"BZh", "bzip2", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\xfd7zXZ\x00", "xz", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, xz.DefaultDictMax) }},
	{legacyMagic, "LZ4", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"\x04\x22\x4d\x18", "LZ4", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"\x28\xb5\x2f\xfd", "zstd", openZstd},
}

// openZstd allows the window of 128 MiB that kernels are packed with.
func openZstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
}

// packingOf finds out how b is packed; nil: in no way that is known here.
func packingOf(b []byte) *packing {
	for i := range packings {
		if p := &packings[i]; strings.HasPrefix(string(b[:min(len(b), 8)]), p.magic) {
			return p
		}
	}
	return nil
}

var errMore = errors.New("there is more in it than it says")

// failed makes an error of a library that fails.
func failed(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("the library that unpacks it failed: %v", p)
	}
}

// all unpacks a file of which nobody says how large it will be.
func (p *packing) all(packed []byte) (out []byte, err error) {
	defer failed(&err)
	r, err := p.open(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, maxKernel+1))
	if n > maxKernel {
		return nil, errMore
	}
	return b.Bytes(), err
}

// into unpacks as many bytes as out has, or fewer; more are an error. What the
// kernel's build put behind the packed bytes is no part of them, and readers
// disagree about it: so an error after the last byte that was announced is none.
func (p *packing) into(packed, out []byte) (n int, err error) {
	defer failed(&err)
	if p.magic == legacyMagic {
		return unpackLegacy(packed[len(legacyMagic):], out)
	}
	r, err := p.open(bytes.NewReader(packed))
	if err != nil {
		return 0, err
	}
	for n < len(out) {
		k, err := r.Read(out[n:])
		if n += k; err == io.EOF {
			return n, nil
		} else if err != nil && n < len(out) {
			return n, err
		}
	}
	if k, _ := io.ReadFull(r, make([]byte, 1)); k > 0 {
		return 0, errMore
	}
	return n, nil
}

// LZ4's legacy format, which is the kernel's: blocks of that size unpacked, each
// with its size packed before it.
const (
	legacyMagic = "\x02\x21\x4c\x18"
	legacyBlock = 8 << 20
	wordSize    = 4
)

// unpackLegacy unpacks its blocks straight to where they belong, which takes half of
// what the library's reader does. A size that the kernel's build put behind them ends
// them.
func unpackLegacy(in, out []byte) (n int, err error) {
	for len(in) > wordSize {
		size := int(le.U32(in, 0))
		if in = in[wordSize:]; size > len(in) {
			return 0, errors.New("a block ends after the file")
		}
		k, err := lz4.UncompressBlock(in[:size], out[n:min(len(out), n+legacyBlock)])
		if err != nil {
			return 0, fmt.Errorf("%w, or %w", err, errMore)
		}
		n, in = n+k, in[size:]
	}
	return n, nil
}
