// Package probe builds the guest that measures exits, and reads what it says.
//
// The one idea: the guest is one file, and whoever runs it, Perdure or a peer,
// on whatever machine, its answers are lines of the same form.
package probe

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"perdure/cmd/hvrun/rig"
)

//go:embed guest
var guest embed.FS

// flags compile a program without anything beneath it.
var flags = strings.Fields("-O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -mno-red-zone -mgeneral-regs-only " +
	"-mcmodel=small -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none")

// Build makes the guest that measures exits, an ELF kernel, in dir.
func Build(dir string) (file string, err error) { return build(dir, "probe") }

// BuildTurns makes the guest that takes all it can get of its processor.
func BuildTurns(dir string) (file string, err error) { return build(dir, "turns") }

func build(dir, guest string) (file string, err error) {
	for _, name := range []string{"start.S", "guest.h", guest + ".c", "probe.ld"} {
		if err := unpack(dir, name); err != nil {
			return "", err
		}
	}
	file = filepath.Join(dir, guest+".elf")
	args := append([]string{"-o", file, "-Wl,-T," + filepath.Join(dir, "probe.ld")}, flags...)
	return file, command("gcc", append(args, filepath.Join(dir, "start.S"), filepath.Join(dir, guest+".c"))...)
}

// A Result is one answer of the guest's.
type Result struct {
	Name    string
	Value   float64 // the mean, in ticks of the time-stamp counter
	Samples int
}

// line is one answer; the line must have come to its end.
var line = regexp.MustCompile(`RESULT ([\w.-]+) ?([\d.]*) ?(\d*)[^\n]*\n`)

// Read takes the answers of one run from a machine's console. A word of the
// guest's that is no figure, such as lost-timer, is an error.
func Read(ctx context.Context, r *rig.Run) (all []Result, err error) {
	for {
		m, err := r.Expect(ctx, line)
		if err != nil {
			return all, Describe(r, err)
		}
		switch {
		case m[1] == "end":
			return all, nil
		case m[2] != "":
			v, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				return all, err
			}
			n, _ := strconv.Atoi(m[3])
			all = append(all, Result{m[1], v, n})
		case m[1] != "begin":
			return all, Describe(r, fmt.Errorf("the probe says %q", strings.TrimSpace(m[0])))
		}
	}
}

// Describe adds to an error what the machine said last.
func Describe(r *rig.Run, err error) error {
	lines := strings.Split(strings.TrimSpace(r.Text()), "\n")
	return fmt.Errorf("%w; the machine's last lines:\n%s", err, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}

// Handoff makes, in dir, a copy of a Linux kernel that says when it was started
// and stops. All its other bytes are the kernel's, so a loader does with it what
// it does with the kernel.
func Handoff(dir, kernel string) (file string, err error) {
	if err := unpack(dir, "handoff.S"); err != nil {
		return "", err
	}
	object, code := filepath.Join(dir, "handoff.o"), filepath.Join(dir, "handoff.bin")
	if err := command("as", "--64", "-o", object, filepath.Join(dir, "handoff.S")); err != nil {
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
	if len(image) < 0x206 || string(image[0x202:0x206]) != "HdrS" {
		return "", fmt.Errorf("%s is not a bzImage", kernel)
	}
	entry := (int(image[0x1f1]) + 1) * 512
	if len(stub) > entry64 || len(image) < entry+2*entry64 {
		return "", fmt.Errorf("%s is too short", kernel)
	}
	copy(image[entry:], stub)
	copy(image[entry+entry64:], stub)
	file = filepath.Join(dir, "handoff.bzimage")
	return file, os.WriteFile(file, image, 0o644)
}

func unpack(dir, name string) error {
	text, err := guest.ReadFile("guest/" + name)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), text, 0o644)
}

func command(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
