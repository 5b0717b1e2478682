package main

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"
)

// slow is a line that takes its time.
type slow struct{ bytes.Buffer }

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(lateOutput / 2)
	return s.Buffer.Write(p)
}

// A command that has ended long before the line has passed on what it said is
// not cut off.
func TestSlowLineGetsAll(t *testing.T) {
	var out slow
	status := runCommand([]string{"/bin/sh", "-c", "head -c 9000 /dev/zero | tr '\\0' x"}, &out, nil)
	if status.Exit != 0 || out.Len() != 9000 {
		t.Errorf("status %+v, %d bytes of 9000", status, out.Len())
	}
}

// What a command has said is had even if we come to read it long after it has ended.
func TestLateReaderGetsAll(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // by what the command has left behind
	w.WriteString("all of it")
	l := &late{File: r, soon: -1, left: time.Now()}
	l.end()
	if got, err := io.ReadAll(l); string(got) != "all of it" || err == nil {
		t.Errorf("read %q, %v", got, err)
	}
}

// A line that stands still for longer than anybody is waited for takes nothing away.
func TestStandingLineGetsAll(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w.WriteString("all of it")
	w.Close()
	l := &late{File: r, soon: lateOutput, left: time.Now()}
	l.until.Store(time.Now().Add(20 * time.Millisecond).UnixNano())
	time.Sleep(50 * time.Millisecond)
	if got, err := io.ReadAll(l); string(got) != "all of it" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}
