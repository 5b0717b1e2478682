package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/u-root/u-root/pkg/cpio"
)

// archive is a part being made. The same content always gives the same bytes.
type archive struct {
	records []cpio.Record
	have    map[string]bool
}

func newArchive() *archive { return &archive{have: map[string]bool{}} }

func (a *archive) add(r cpio.Record) {
	if dir := path.Dir(r.Name); dir != "." {
		a.addDir(dir)
	}
	if !a.have[r.Name] {
		a.have[r.Name] = true
		a.records = append(a.records, cpio.MakeReproducible(r))
	}
}

func (a *archive) addDir(name string) {
	if !a.have[name] {
		a.add(cpio.Directory(name, 0o755))
	}
}

func (a *archive) addFile(name string, content []byte, mode uint64) {
	a.add(cpio.StaticFile(name, string(content), mode))
}

func (a *archive) addLink(name, target string) { a.add(cpio.Symlink(name, target)) }

// plain gives the archive's bytes.
func (a *archive) plain() ([]byte, error) {
	var b bytes.Buffer
	w := cpio.Newc.Writer(&b)
	for _, r := range a.records {
		if err := w.WriteRecord(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	err := cpio.WriteTrailer(w)
	return b.Bytes(), err
}

// write compresses the archive into a file.
func (a *archive) write(file string) error {
	plain, err := a.plain()
	if err != nil {
		return err
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderCRC(false), zstd.WithWindowSize(8<<20))
	if err != nil {
		return err
	}
	return replace(file, padded(z.EncodeAll(plain, nil)))
}

// padded makes the next part begin where the kernel looks for it.
func padded(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

// replace writes a file whole or not at all.
func replace(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// join puts parts one after another, as they are or packed anew: quickly unpacked,
// if a little larger.
func join(out string, quick bool, parts []string) error {
	if len(parts) == 0 {
		return fmt.Errorf("join wants parts")
	}
	var whole []byte
	for _, p := range parts {
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		if quick {
			if b, err = unpacked(b); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
		whole = append(whole, padded(b)...)
	}
	if quick {
		var err error
		if whole, err = light(whole); err != nil {
			return err
		}
	}
	return replace(out, whole)
}

// light packs b with LZ4, in the format that kernels take.
func light(b []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := lz4.NewWriter(&packed)
	if err := w.Apply(lz4.LegacyOption(true), lz4.CompressionLevelOption(lz4.Level9)); err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	const end = "\x00\x00\x00\x00" // a block of no bytes, for the kernel to see that another archive follows
	return padded(append(packed.Bytes(), end...)), nil
}

// unpacked gives the bytes that write has compressed into a part.
func unpacked(part []byte) (plain []byte, err error) {
	z, err := zstd.NewReader(nil)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	for pad := range 4 { // what padded has put behind them says not how long it is
		if plain, err = z.DecodeAll(part[:max(len(part)-pad, 0)], nil); err == nil {
			return plain, nil
		}
	}
	return nil, err
}

// lines splits text into words, one a line, without remarks.
func lines(text string) (words []string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			words = append(words, line)
		}
	}
	return words
}
