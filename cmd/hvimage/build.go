package main

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"perdure/boot"
	"perdure/hhr/image"
	"perdure/hhr/image/sign"
	"perdure/kernel"
	"perdure/partition"
)

// builder makes an image of a source tree, the folder in which it runs.
type builder struct {
	out, tags, id, key, bad string
	blackout                uint64
	work                    string
}

// isID is what a build id looks like: it fits into the manifest.
var isID = regexp.MustCompile(`^[-._+0-9A-Za-z]{1,39}$`)

func buildFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	b := &builder{}
	key := keyFlag(fs)
	fs.StringVar(&b.out, "o", "build/perdure.img", "image to make, a `file`")
	fs.StringVar(&b.tags, "tags", "metal", "build `tags`, comma-separated")
	fs.StringVar(&b.id, "id", "unknown", "build `id`")
	fs.StringVar(&b.bad, "bad", "", "what the image shall do wrong, for tests: a `word` that cmd/hv/bad.go knows")
	fs.Uint64Var(&b.blackout, "blackout", 100000, "most `instructions` of a processor's blackout that it promises")
	return func(_ io.Writer, args []string) error {
		if err := names(args, 0); err != nil {
			return err
		}
		if !isID.MatchString(b.id) {
			return usageError("-id wants 1 to 39 letters, digits and -._+")
		}
		b.key = *key
		return b.build()
	}
}

func (b *builder) build() (err error) {
	if b.work, err = os.MkdirTemp("", "hvimage-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.work)
	key, err := haveKey(b.key)
	if err != nil {
		return err
	}
	hv, head := filepath.Join(b.work, "hv.elf"), filepath.Join(b.work, "head.o")
	whole := filepath.Join(b.work, "image")
	layouts, err := b.layouts()
	if err != nil {
		return err
	}
	// The Go program is linked where it runs: its ELF header page lies at addr.ImageBase.
	err = b.run(append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOEXPERIMENT=norandomizedheapbase64"),
		"go", "build", "-tags", b.tags, "-trimpath", "-buildvcs=false", "-o", hv, "-ldflags",
		"-s -w -T 0x40001000 -E perdure/kernel.entry -X perdure/partition.Build="+b.id+" -X perdure/hhr/image.Builtin="+public(key).String()+" -X perdure/hhr/mirror.Wire="+hex.EncodeToString(layouts), "./cmd/hv")
	if err == nil { // head.S takes it as its payload
		err = b.run(nil, "gcc", "-c", "-Wa,-I"+b.work, "-o", head, "boot/head.S")
	}
	if err == nil {
		err = b.run(nil, "ld", "-m", "elf_x86_64", "-z", "max-page-size=4096", "--no-warn-rwx-segments", "-T", "linker.ld", "-o", whole, head)
	}
	if err != nil {
		return err
	}
	m := image.Manifest{Build: b.id, Release: partition.Release, Home: boot.HomeSize, Blackout: b.blackout, Entry: boot.PageVersion, Handoff: kernel.SeatVersion, Bad: b.bad}
	if m.Program, err = extent(hv); err != nil {
		return err
	}
	m.Layouts = uint64(len(layouts))
	if m.Records, err = recordsOf(layouts); err != nil {
		return err
	}
	program, err := os.ReadFile(whole)
	if err != nil {
		return err
	}
	file := sign.File(sign.With(program, layouts), &m, key)
	if _, err := image.Check(file, public(key), nil); err != nil {
		return fmt.Errorf("what was built is no image: %w", err)
	}
	return replace(b.out, file)
}

// run runs one program, whose complaints are the error.
func (b *builder) run(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = env
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, text)
	}
	return nil
}

// extent is how much memory a program takes.
func extent(file string) (uint64, error) {
	f, err := elf.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	low, high := ^uint64(0), uint64(0)
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			low, high = min(low, p.Vaddr), max(high, p.Vaddr+p.Memsz)
		}
	}
	return high - low, nil
}

// layouts asks this command, built with the image's tags, for the layouts of the
// image's kept records: they are types of the same source.
func (b *builder) layouts() ([]byte, error) {
	var tags []string
	for tag := range strings.SplitSeq(b.tags, ",") {
		if tag != "metal" { // that is how instructions are made, not what records are
			tags = append(tags, tag)
		}
	}
	var out, complaints bytes.Buffer
	cmd := exec.Command("go", "run", "-tags", strings.Join(tags, ","), "./cmd/hvimage", "layouts")
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("the image's kept records: %w\n%s", err, &complaints)
	}
	return out.Bytes(), nil
}
