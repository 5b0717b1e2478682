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
)

// unpacker unpacks at most size bytes; fewer are right too, more are an error.
type unpacker func(packed []byte, size int) ([]byte, error)

// packings are the ways in which kernels are packed, by their first bytes.
var packings = []struct {
	magic, name string
	open        func(io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", "gzip", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"BZh", "bzip2", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\xfd7zXZ\x00", "xz", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, xz.DefaultDictMax) }},
	{"\x02\x21\x4c\x18", "LZ4", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"\x04\x22\x4d\x18", "LZ4", func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }},
	{"\x28\xb5\x2f\xfd", "zstd", openZstd},
}

// openZstd allows the window of 128 MiB that kernels are packed with.
func openZstd(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
}

// packing returns what unpacks b, nil if b is not packed, and its name.
func packing(b []byte) (unpacker, string) {
	for _, p := range packings {
		if strings.HasPrefix(string(b[:min(len(b), 8)]), p.magic) {
			return func(packed []byte, size int) ([]byte, error) {
				r, err := p.open(bytes.NewReader(packed))
				if err != nil {
					return nil, err
				}
				return drain(r, size)
			}, p.name
		}
	}
	return nil, ""
}

// drain reads all that r gives, at most size bytes. What the kernel's build put
// behind the packed bytes is no part of them, and readers disagree about it: so
// an error after the last byte that was announced is none.
func drain(r io.Reader, size int) (out []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the library that unpacks it failed: %v", p)
		}
	}()
	var b bytes.Buffer
	b.Grow(min(size, maxKernel) + bytes.MinRead + 1)
	n, err := io.Copy(&b, io.LimitReader(r, int64(size)+1))
	switch {
	case n > int64(size):
		return nil, errors.New("there is more in it than it says")
	case err != nil && n < int64(size):
		return nil, err
	}
	return b.Bytes(), nil
}
