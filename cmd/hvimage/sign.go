package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"perdure/hhr/image"
	"perdure/hhr/image/sign"
)

func signFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	key, to := keyFlag(fs), fs.String("o", "", "`file` to make; without it the image itself")
	bad := fs.String("bad", "", "what the image shall do wrong, for tests: a `word` that cmd/hv/bad.go knows")
	only := fs.Bool("page", false, "make only the page that signs it")
	return func(out io.Writer, args []string) error {
		if err := names(args, 1); err != nil {
			return err
		}
		if *to == "" {
			*to = args[0]
		}
		return resign(args[0], *to, *key, *bad, *only)
	}
}

// whole reads what an image says of itself; one that is damaged has no say.
func whole(name string, file []byte) (image.Manifest, error) {
	m, err := image.Read(file)
	if err == nil {
		_, err = image.Check(file, m.Key, nil)
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// resign signs an image with another key, or with another word.
func resign(from, to, keyFile, bad string, only bool) error {
	file, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	m, err := whole(from, file)
	if err != nil {
		return err
	}
	key, err := haveKey(keyFile)
	if err != nil {
		return err
	}
	m.Bad = bad
	body := sign.Body(file)
	page := sign.Page(body, &m, key)
	if only {
		return replace(to, page)
	}
	return replace(to, append(body[:len(body):len(body)], page...))
}

// replace writes a file so that it is there whole or not at all.
func replace(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
