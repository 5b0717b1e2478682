package emu

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"perdure/cmd/hvrun/proto"
)

func TestBochsLogTellsTheEnd(t *testing.T) {
	const start = "00000000000i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called\n"
	for _, c := range []struct {
		name, text string
		want       Outcome
		ticks      uint64
	}{
		{"power off", start + "00420839807i[ACPI  ] ACPI control: soft power off\n00420839807i[CPU0  ] CPU is in long mode\n", PoweredOff, 420839807},
		{"shutdown port", start + "00000000007i[UNMAP ] Shutdown port: shutdown requested\n", PoweredOff, 7},
		{"triple fault", start + "00000000009p[CPU0  ] >>PANIC<< exception(): 3rd (13) exception with no resolution\n", TripleFault, 9},
		{"reset", start + "00000000011i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called\n", Rebooted, 11},
		{"panic", start + "00000000012p[IOAPIC] >>PANIC<< no\n", Crashed, 12},
		{"bad configuration", "bochsrc:1: no\n", Crashed, 0},
		{"more than 11 digits", start + "123456789012i[ACPI  ] ACPI control: soft power off\n", PoweredOff, 123456789012},
	} {
		f, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		l := &bochsLog{file: f, ends: make(chan Outcome, 1)}
		half := len(c.text) / 2 // lines come in pieces
		l.Write([]byte(c.text[:half]))
		l.Write([]byte(c.text[half:]))
		if r := l.result(); r.Outcome != c.want || r.Instructions != c.ticks {
			t.Errorf("%s: got %s after %d, want %s after %d", c.name, r.Outcome, r.Instructions, c.want, c.ticks)
		}
	}
}

func TestConsoleWaitsInOrder(t *testing.T) {
	machine, host := net.Pipe()
	var raw bytes.Buffer
	con := NewConsole(host, &raw)
	go func() {
		io.WriteString(machine, "one tw")
		io.WriteString(machine, "o 3\r\none")
		machine.Close()
	}()
	ctx := context.Background()
	got, err := con.Expect(ctx, regexp.MustCompile(`two (\d)`))
	if err != nil || len(got) != 2 || got[1] != "3" {
		t.Errorf("got %q %v", got, err)
	}
	if _, err := con.Expect(ctx, regexp.MustCompile(`one`)); err != nil {
		t.Errorf("the second one: %v", err)
	}
	if _, err := con.Expect(ctx, regexp.MustCompile(`one`)); !errors.Is(err, ErrEnded) {
		t.Errorf("no third one: %v", err)
	}
	if raw.String() != con.Text() || con.Text() != "one two 3\r\none" {
		t.Errorf("kept %q", con.Text())
	}
}

// fakeRoot answers like root on a line where messages damage frames.
func fakeRoot(line net.Conn, damage func(i int, f []byte) []byte) {
	sent := 0
	send := func(f proto.Frame) {
		line.Write(damage(sent, f.Line()))
		sent++
	}
	send(proto.New(proto.Hello, 0, 0, proto.Greeting{Version: proto.Version, Kernel: "6.1", CPUs: 2}))
	var frames []proto.Frame
	buf := make([]byte, 1<<16)
	for {
		n, err := line.Read(buf)
		if err != nil {
			return
		}
		f, ok := proto.Parse(buf[:n])
		if !ok {
			continue
		}
		from := f.Seq
		if f.Kind == proto.Run && (len(frames) == 0 || frames[0].Run != f.Run) {
			var c proto.Command
			f.JSON(&c)
			frames, from = nil, 0
			for i, a := range c.Args {
				frames = append(frames, proto.New(proto.Out, f.Run, i, []byte(a)))
			}
			frames = append(frames, proto.New(proto.Done, f.Run, len(c.Args), proto.Status{Exit: 7}))
		}
		for _, f := range frames[from:] {
			send(f)
		}
	}
}

func TestRunSurvivesDamage(t *testing.T) {
	for _, c := range []struct {
		name string
		bad  string // a letter for each frame root sends: x damaged, d doubled
	}{
		{"none", ""},
		{"first output", ".x"},
		{"output in the middle", "..x"},
		{"twice", ".xx....x"},
		{"doubled", "dddddddddd"},
	} {
		root, host := net.Pipe()
		lines := make(chan []byte, 1000) // a serial line does not wait for its reader
		go func() {
			for l := range lines {
				if _, err := root.Write(l); err != nil {
					return
				}
			}
		}()
		go fakeRoot(queued{root, lines}, func(i int, f []byte) []byte {
			switch {
			case i < len(c.bad) && c.bad[i] == 'x':
				return bytes.Replace(f, []byte(" "), []byte(" [ 1.0] e1000 up\n"), 2)
			case i < len(c.bad) && c.bad[i] == 'd':
				return append(f, f...)
			}
			return f
		})
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		r, err := WaitForRoot(ctx, NewConsole(host))
		if err != nil {
			t.Fatal(c.name, err)
		}
		for _, args := range [][]string{{"a", "b", "c"}, {"d"}, {}} {
			out, status, err := r.Run(ctx, args...)
			if string(out) != strings.Join(args, "") || status != 7 || err != nil {
				t.Errorf("%s: %q: got %q %d %v", c.name, args, out, status, err)
			}
		}
		cancel()
		host.Close()
	}
}

// A host that comes later asks for the greeting, does not take its own echo for
// one, and goes on counting where the last one stopped.
func TestJoin(t *testing.T) {
	guest, host := net.Pipe()
	defer host.Close()
	go func() {
		buf := make([]byte, 1<<12)
		for asked := 0; ; {
			n, err := guest.Read(buf)
			if err != nil {
				return
			}
			f, _ := proto.Parse(buf[:n])
			switch asked++; {
			case f.Kind == proto.Hello && asked == 1:
				guest.Write(buf[:n])
			case f.Kind == proto.Hello:
				guest.Write(proto.New(proto.Hello, 0, 0, proto.Greeting{Version: proto.Version, Last: 41}).Line())
			case f.Kind == proto.Run:
				guest.Write(proto.New(proto.Done, f.Run, 0, proto.Status{Exit: f.Run}).Line())
			}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := Join(ctx, NewConsole(host))
	if err != nil {
		t.Fatal(err)
	}
	if _, status, err := r.Run(ctx, "x"); status != 42 || err != nil {
		t.Errorf("command %d, %v", status, err)
	}
}

// queued is a line whose writes do not wait.
type queued struct {
	net.Conn
	out chan<- []byte
}

func (q queued) Write(p []byte) (int, error) {
	q.out <- bytes.Clone(p)
	return len(p), nil
}
