package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"perdure/cmd/hvrun/depot"
	"perdure/hhr/image"
)

// keyBlock is what the PEM block of a private key is called.
const keyBlock = "PRIVATE KEY"

// keyFlag declares -key.
func keyFlag(fs *flag.FlagSet) *string {
	own := os.Getenv("PERDURE_KEY")
	if own == "" {
		own = filepath.Join(depot.Root(), "image.key")
	}
	return fs.String("key", own, "private key, a `file`")
}

// public is the half of a key that the hypervisor knows.
func public(key ed25519.PrivateKey) image.Key { return image.Key(key.Public().(ed25519.PublicKey)) }

// readKey reads a private key.
func readKey(file string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyBlock {
		return nil, fmt.Errorf("%s: no %s in PEM", file, keyBlock)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	key, ok := any.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: a %T, not an Ed25519 key", file, any)
	}
	return key, nil
}

// haveKey reads a private key, and makes it if there is none. Of several that
// make it at once all get the same.
func haveKey(file string) (ed25519.PrivateKey, error) {
	key, err := readKey(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, key, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	work, err := os.CreateTemp(filepath.Dir(file), "key-") // for its owner only
	if err != nil {
		return nil, err
	}
	defer os.Remove(work.Name())
	err = errors.Join(pem.Encode(work, &pem.Block{Type: keyBlock, Bytes: der}), work.Close())
	if err != nil {
		return nil, err
	}
	if err := os.Link(work.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readKey(file)
}

func keygenFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	file := keyFlag(fs)
	bare := fs.Bool("public", false, "print nothing but the public half")
	return func(out io.Writer, args []string) error {
		if err := names(args, 0); err != nil {
			return err
		}
		key, err := haveKey(*file)
		if err != nil {
			return err
		}
		if *bare {
			fmt.Fprintln(out, public(key))
		} else {
			fmt.Fprintf(out, "private  %s\npublic   %v\n", *file, public(key))
		}
		return nil
	}
}
