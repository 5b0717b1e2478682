package emu

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"sync"
)

// A Sink gets what a line says as it comes.
type Sink = io.Writer

// A Console keeps what a serial line says and lets callers wait for text.
type Console struct {
	line io.ReadWriter

	mu     sync.Mutex
	text   []byte // all of it
	seen   int    // where the next wait begins
	sinks  []Sink
	change chan struct{} // closed and replaced at every change
	ended  bool
}

// NewConsole reads a line to its end. All that comes also goes to the sinks,
// raw.
func NewConsole(line io.ReadWriter, sinks ...Sink) *Console {
	c := &Console{line: line, sinks: sinks, change: make(chan struct{})}
	go c.read()
	return c
}

func (c *Console) read() {
	buf := make([]byte, 4096)
	for {
		n, err := c.line.Read(buf)
		c.mu.Lock()
		c.text = append(c.text, buf[:n]...)
		for _, s := range c.sinks {
			s.Write(buf[:n])
		}
		c.ended = err != nil
		close(c.change)
		c.change = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// ErrEnded is what waits give when the line has ended.
var ErrEnded = errors.New("the machine ended")

// await calls look with the text not yet waited over, whenever there is more
// of it, until look says how much it used; that is given back.
func (c *Console) await(ctx context.Context, look func(text []byte) (used int)) ([]byte, error) {
	for {
		c.mu.Lock()
		text := c.text[c.seen:]
		if n := look(text); n > 0 {
			c.seen += n
			c.mu.Unlock()
			return text[:n], nil
		}
		ended, change := c.ended, c.change
		c.mu.Unlock()
		if ended {
			return nil, ErrEnded
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-change:
		}
	}
}

// Expect waits for a match and gives it with its groups; the next wait begins
// behind it.
func (c *Console) Expect(ctx context.Context, re *regexp.Regexp) (match []string, err error) {
	_, err = c.await(ctx, func(text []byte) int {
		at := re.FindSubmatchIndex(text)
		if at == nil {
			return 0
		}
		match = nil
		for i := 0; i < len(at); i += 2 {
			group := ""
			if at[i] >= 0 {
				group = string(text[at[i]:at[i+1]])
			}
			match = append(match, group)
		}
		return max(1, at[1])
	})
	return match, err
}

// nextLine waits for the next whole line.
func (c *Console) nextLine(ctx context.Context) ([]byte, error) {
	return c.await(ctx, func(text []byte) int { return bytes.IndexByte(text, '\n') + 1 })
}

// Write types on the line.
func (c *Console) Write(p []byte) (int, error) { return c.line.Write(p) }

// Text is all that the line has said.
func (c *Console) Text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.text)
}
