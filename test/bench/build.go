package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"

	"perdure/cmd/hvrun/depot"
)

// probeFlags compile a program without anything beneath it.
var probeFlags = strings.Fields("-O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -mno-red-zone -mgeneral-regs-only " +
	"-mcmodel=small -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none -Wl,-T,test/probe/probe.ld")

// probe builds the probe guest.
func (b *bench) probe() (string, error) {
	file := filepath.Join(b.work, "probe.elf")
	args := append(append([]string{"-o", file}, probeFlags...), "test/probe/start.S", "test/probe/probe.c")
	return file, command("gcc", args...)
}

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

// peer builds the initramfs in which KVM runs the probe.
func (b *bench) peer() (string, error) {
	probe, err := b.probe()
	if err != nil {
		return "", err
	}
	modules, err := depot.Modules("cloud")
	if err != nil {
		return "", err
	}
	init, err := b.program("test/peer/kvm")
	if err != nil {
		return "", err
	}
	files := []cpio.Record{cpio.Directory("dev", 0o755), cpio.Directory("sys", 0o755), cpio.StaticFile("init", string(init), 0o755)}
	for _, path := range []string{probe, modules + "/kernel/virt/lib/irqbypass.ko", modules + "/kernel/arch/x86/kvm/kvm.ko", modules + "/kernel/arch/x86/kvm/kvm-intel.ko"} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		files = append(files, cpio.StaticFile(filepath.Base(path), string(text), 0o644))
	}
	return b.archive("peer.cpio", nil, files)
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
	var text bytes.Buffer
	text.Write(before)
	text.Write(make([]byte, -len(before)&3))
	w := cpio.Newc.Writer(&text)
	for _, f := range files {
		if err := w.WriteRecord(cpio.MakeReproducible(f)); err != nil {
			return "", err
		}
	}
	if err := cpio.WriteTrailer(w); err != nil {
		return "", err
	}
	file := filepath.Join(b.work, name)
	return file, os.WriteFile(file, text.Bytes(), 0o644)
}

// handoff makes a copy of a kernel that says when it was started and stops. All
// its other bytes are the kernel's, so a loader does with it what it does with
// the kernel.
func (b *bench) handoff(kernel string) (string, error) {
	object, code := filepath.Join(b.work, "handoff.o"), filepath.Join(b.work, "handoff.bin")
	if err := command("as", "--64", "-o", object, "test/probe/handoff.S"); err != nil {
		return "", err
	}
	if err := command("objcopy", "-O", "binary", "-j", ".text", object, code); err != nil {
		return "", err
	}
	stub, err := os.ReadFile(code)
	if err != nil {
		return "", err
	}
	image, err := os.ReadFile(kernel)
	if err != nil {
		return "", err
	}
	// The Linux boot protocol: setup sectors and one boot sector, then the 32-bit
	// entry, and the 64-bit entry 0x200 behind it.
	const entry64 = 0x200
	entry := (int(image[0x1f1]) + 1) * 512
	if string(image[0x202:0x206]) != "HdrS" || len(stub) > entry64 || len(image) < entry+2*entry64 {
		return "", fmt.Errorf("%s is not a bzImage that can be marked", kernel)
	}
	copy(image[entry:], stub)
	copy(image[entry+entry64:], stub)
	file := filepath.Join(b.work, "handoff.bzimage")
	return file, os.WriteFile(file, image, 0o644)
}

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
