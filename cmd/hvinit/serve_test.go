package main

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"perdure/cmd/hvrun/proto"
)

// host is hvrun's side of a conversation with a server whose commands do what
// run does.
type host struct {
	t    *testing.T
	to   io.Writer
	from *bufio.Scanner
	off  chan bool
}

func newHost(t *testing.T, run func(args []string, out io.Writer, stop <-chan struct{}) proto.Status) *host {
	toRoot, fromHost := io.Pipe()
	toHost, fromRoot := io.Pipe()
	h := &host{t, fromHost, bufio.NewScanner(toHost), make(chan bool, 1)}
	s := &server{to: fromRoot, run: run, off: func() { h.off <- true }}
	go s.serve(toRoot)
	t.Cleanup(func() { fromHost.Close(); go io.Copy(io.Discard, toHost) })
	h.want(proto.Hello, 0, 0, "")
	return h
}

func (h *host) send(kind proto.Kind, run, seq int, body any) {
	h.to.Write(proto.New(kind, run, seq, body).Line())
}

// want reads the next frame.
func (h *host) want(kind proto.Kind, run, seq int, body string) {
	h.t.Helper()
	for h.from.Scan() {
		f, ok := proto.Parse(h.from.Bytes())
		if !ok {
			continue
		}
		if f.Kind != kind || f.Run != run || f.Seq != seq || !strings.Contains(string(f.Body), body) {
			h.t.Fatalf("got %s %d %d %q, want %s %d %d %q", f.Kind, f.Run, f.Seq, f.Body, kind, run, seq, body)
		}
		return
	}
	h.t.Fatalf("no frame, want %s %d %d", kind, run, seq)
}

// say is a command that prints its arguments, one write each.
func say(args []string, out io.Writer, _ <-chan struct{}) proto.Status {
	for _, a := range args {
		io.WriteString(out, a)
	}
	return proto.Status{Exit: len(args)}
}

func TestCommand(t *testing.T) {
	h := newHost(t, say)
	h.send(proto.Run, 1, 0, proto.Command{Args: []string{"a", "b"}})
	h.want(proto.Out, 1, 0, "a")
	h.want(proto.Out, 1, 1, "b")
	h.want(proto.Done, 1, 2, `"exit":2`)
	h.send(proto.Again, 1, 1, nil)
	h.want(proto.Out, 1, 1, "b")
	h.want(proto.Done, 1, 2, `"exit":2`)
	h.send(proto.Run, 1, 0, proto.Command{Args: []string{"not again"}}) // the same number: nothing starts
	h.want(proto.Out, 1, 0, "a")
	h.want(proto.Out, 1, 1, "b")
	h.want(proto.Done, 1, 2, "")
	h.send(proto.Again, 7, 0, nil) // a command that never was
	h.send(proto.Run, 2, 0, []byte("no JSON"))
	h.send(proto.Run, 2, 0, proto.Command{})
	h.want(proto.Done, 2, 0, `"exit":0`)
	h.send(proto.Hello, 0, 0, nil) // a host that comes later learns where to go on
	h.want(proto.Hello, 0, 0, `"last":2`)
	h.send(proto.Off, 0, 0, nil)
	<-h.off
}

func TestLongOutputIsCut(t *testing.T) {
	long := strings.Repeat("x", proto.MaxBody+1)
	h := newHost(t, say)
	h.send(proto.Run, 1, 0, proto.Command{Args: []string{long}})
	h.want(proto.Out, 1, 0, long[:proto.MaxBody])
	h.want(proto.Out, 1, 1, "x")
	h.want(proto.Done, 1, 2, "")
}

func TestNewCommandEndsTheOld(t *testing.T) {
	h := newHost(t, func(args []string, out io.Writer, stop <-chan struct{}) proto.Status {
		if args[0] == "wait" {
			<-stop
		}
		io.WriteString(out, args[0])
		return proto.Status{}
	})
	h.send(proto.Run, 1, 0, proto.Command{Args: []string{"wait"}})
	h.send(proto.Run, 2, 0, proto.Command{Args: []string{"next"}})
	h.want(proto.Out, 2, 0, "next") // and nothing of the first
	h.want(proto.Done, 2, 1, "")
}
