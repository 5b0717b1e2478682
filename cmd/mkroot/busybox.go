package main

import (
	_ "embed"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/u-root/u-root/pkg/cpio"
)

//go:embed tools.go
var toolsSource string

const commandPrefix = "github.com/u-root/u-root/cmds/"

// commands lists the packages of the busybox's commands.
func commands() (list []string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), "tools.go", toolsSource, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	for _, spec := range f.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(name, commandPrefix) {
			list = append(list, name)
		}
	}
	return list, nil
}

// unwanted are what u-root puts into every archive and nothing of ours uses.
var unwanted = []string{"env", "tcz", "ubin", "lib64", "etc/localtime", "bin/defaultsh", "usr/lib", "usr", "dev/port"}

// busybox has u-root build all commands into one program, and takes what it made.
func busybox(out string) error {
	list, err := commands()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mkroot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, "u-root.cpio")
	args := append([]string{"tool", "u-root", "-o", made, "-build=bb", "-tags=goshliner", "-initcmd=", "-defaultsh=gosh"}, list...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=-buildvcs=false -trimpath")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("u-root: %w\n%s", err, text)
	}
	f, err := os.Open(made)
	if err != nil {
		return err
	}
	defer f.Close()
	records, err := cpio.ReadAllRecords(cpio.Newc.Reader(f))
	if err != nil {
		return err
	}
	skip := map[string]bool{cpio.Trailer: true}
	for _, name := range unwanted {
		skip[name] = true
	}
	a := newArchive()
	for _, r := range records {
		if !skip[r.Name] {
			a.add(r)
		}
	}
	return a.write(out)
}
