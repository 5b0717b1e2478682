package main

import (
	"fmt"
	"io"
	"os"

	"perdure/cmd/internal/ask"
)

// mostImage is how long a file is given to the hypervisor, which judges it.
const mostImage = 32 << 20

// readImage reads an image's file.
func readImage(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := io.ReadAll(io.LimitReader(f, mostImage+1))
	switch {
	case err != nil:
		return nil, err
	case len(file) == 0:
		return nil, fmt.Errorf("%s is empty", name)
	case len(file) > mostImage:
		return nil, fmt.Errorf("%s is too long to be an image: more than %s", name, size(mostImage))
	}
	return file, nil
}

// loadImage gives the hypervisor the image, and lets it begin.
func (e *env) loadImage(c ask.Caller, file []byte) error {
	p, done := newProgress(e.err, "restart"), 0
	defer p.end()
	err := ask.RestartLoad(c, file, func(n int) {
		done += n
		p.report("loading the image", uint64(done), uint64(len(file)))
	})
	if err != nil {
		return err
	}
	return ask.RestartGo(c)
}
