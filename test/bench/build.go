package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/depot"
	"perdure/test/probe"
)

// program builds a Go program for a Linux of its own.
func (b *bench) program(pkg string) ([]byte, error) {
	file := filepath.Join(b.work, filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "perdure/"+pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", pkg, err, out)
	}
	return os.ReadFile(file)
}

// peer builds the initramfs in which KVM runs the probe, or guests that are made of
// the named files.
func (b *bench) peer(guests map[string]string) (string, error) {
	guest, err := probe.Build(b.work)
	if err != nil {
		return "", err
	}
	modules, err := depot.Modules("cloud")
	if err != nil {
		return "", err
	}
	init, err := b.program("cmd/kvmpeer")
	if err != nil {
		return "", err
	}
	files := []cpio.Record{cpio.Directory("dev", 0o755), cpio.Directory("sys", 0o755), cpio.StaticFile("init", string(init), 0o755)}
	for _, path := range []string{guest, modules + "/kernel/virt/lib/irqbypass.ko", modules + "/kernel/arch/x86/kvm/kvm.ko", modules + "/kernel/arch/x86/kvm/kvm-intel.ko"} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		files = append(files, cpio.StaticFile(filepath.Base(path), string(text), 0o644))
	}
	for name, path := range guests {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		files = append(files, cpio.StaticFile(name, string(text), 0o644))
	}
	if guests == nil {
		return b.archive("peer.cpio", nil, files)
	}
	files = append(files, cpio.StaticFile("disk", string(make([]byte, diskBytes)), 0o644))
	return b.packed("peer.cpio", nil, files)
}

// marked builds root's own initramfs with the program that measures added.
func (b *bench) marked() (string, error) {
	root, err := os.ReadFile(filepath.Join(filepath.Dir(b.image), "root-cloud.cpio"))
	if err != nil {
		return "", err
	}
	mark, err := b.program("test/bench/mark")
	if err != nil {
		return "", err
	}
	return b.archive("marked.cpio", root, []cpio.Record{cpio.StaticFile("mark", string(mark), 0o755)})
}

// archive writes an initramfs: another one, and files behind it.
func (b *bench) archive(name string, before []byte, files []cpio.Record) (string, error) {
	text, err := together(files)
	if err != nil {
		return "", err
	}
	return b.join(name, before, text)
}

// packed does it with files that are large: the machine's firmware reads an archive
// slower than the kernel unpacks it.
func (b *bench) packed(name string, before []byte, files []cpio.Record) (string, error) {
	text, err := together(files)
	if err != nil {
		return "", err
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false), zstd.WithWindowSize(8<<20))
	if err != nil {
		return "", err
	}
	text = z.EncodeAll(text, nil)
	return b.join(name, before, append(text, make([]byte, -len(text)&3)...))
}

// together makes one archive of files.
func together(files []cpio.Record) ([]byte, error) {
	var text bytes.Buffer
	w := cpio.Newc.Writer(&text)
	for _, f := range files {
		if err := w.WriteRecord(cpio.MakeReproducible(f)); err != nil {
			return nil, err
		}
	}
	err := cpio.WriteTrailer(w)
	return text.Bytes(), err
}

// join writes archives, one after the other.
func (b *bench) join(name string, before, behind []byte) (string, error) {
	file := filepath.Join(b.work, name)
	return file, os.WriteFile(file, append(append(bytes.Clone(before), make([]byte, -len(before)&3)...), behind...), 0o644)
}
