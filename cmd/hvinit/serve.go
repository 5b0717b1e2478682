package main

import (
	"bufio"
	"io"
	"runtime"
	"sync"
	"time"

	"perdure/cmd/hvrun/proto"
)

// greetAgain is how long hvrun may be silent before it is greeted again.
const greetAgain = 10 * time.Second

// server is our side of the conversation with hvrun; package proto tells its rules.
type server struct {
	run func(args []string, out io.Writer, stop <-chan struct{}) proto.Status
	off func()

	mu      sync.Mutex
	to      io.Writer
	number  int           // of the command that runs or ran last; 0 before the first
	frames  []proto.Frame // of that command, by their numbers
	stop    chan struct{} // closed to end that command
	running bool
}

// serve answers frames until from ends.
func (s *server) serve(from io.Reader) {
	heard := make(chan struct{})
	go s.greet(heard)
	lines := bufio.NewReaderSize(from, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if f, ok := proto.Parse(line); ok {
			if heard != nil {
				close(heard)
				heard = nil
			}
			s.handle(f)
		}
		if err != nil {
			return
		}
	}
}

// hello says that we are ready; s.mu is held.
func (s *server) hello() {
	g := proto.Greeting{Version: proto.Version, Kernel: kernelRelease(), CPUs: runtime.NumCPU(), Last: s.number}
	s.to.Write(proto.New(proto.Hello, 0, 0, g).Line())
}

// greet says that we are ready until somebody answers.
func (s *server) greet(heard <-chan struct{}) {
	for {
		s.mu.Lock()
		s.hello()
		s.mu.Unlock()
		select {
		case <-heard:
			return
		case <-time.After(greetAgain):
		}
	}
}

func (s *server) handle(f proto.Frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch f.Kind {
	case proto.Run:
		var c proto.Command
		if f.JSON(&c) != nil {
			return // hvrun asks again
		}
		if f.Run <= s.number {
			s.again(f.Run, 0)
			return
		}
		if s.running {
			close(s.stop)
		}
		s.number, s.frames, s.stop, s.running = f.Run, nil, make(chan struct{}), true
		go s.command(f.Run, c.Args, s.stop)
	case proto.Again:
		s.again(f.Run, f.Seq)
	case proto.Hello:
		s.hello()
	case proto.Off:
		go s.off()
	}
}

// again repeats the last command's frames; s.mu is held.
func (s *server) again(number, from int) {
	if number != s.number || from < 0 || from > len(s.frames) {
		return
	}
	for _, f := range s.frames[from:] {
		s.to.Write(f.Line())
	}
}

// command runs one command and sends what comes of it.
func (s *server) command(number int, args []string, stop <-chan struct{}) {
	status := s.run(args, &output{s, number}, stop)
	s.send(number, proto.Done, status)
}

// send sends and keeps one frame of the command with that number, unless another
// command has taken its place.
func (s *server) send(number int, kind proto.Kind, body any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number != s.number {
		return
	}
	f := proto.New(kind, number, len(s.frames), body)
	s.frames = append(s.frames, f)
	s.to.Write(f.Line())
	if kind == proto.Done {
		s.running = false
	}
}

// output cuts a command's output into frames.
type output struct {
	s      *server
	number int
}

func (o *output) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), proto.MaxBody)
		o.s.send(o.number, proto.Out, append([]byte(nil), rest[:n]...))
		rest = rest[n:]
	}
	return len(p), nil
}
