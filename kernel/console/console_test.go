//go:build !metal

package console

import (
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	tests := []struct {
		name string
		do   func(u *uart)
		want string
	}{
		{"a line of the log", func(*uart) { Infos("hello") },
			"(hv) [    0.000000] info hello\r\n"},
		{"numbers", func(*uart) {
			Say(Warn).Str("n=").Dec(0).Str(" ").Dec(1<<64 - 1).Str(" ").Hex(0).Str(" ").Hex(0xdeadbeef00).End()
		},
			"(hv) [    0.000000] warn n=0 18446744073709551615 0x0 0xdeadbeef00\r\n"},
		{"control characters do not break a line", func(*uart) { Infos("a\r\nb\x1b[2J") },
			"(hv) [    0.000000] info a..b.[2J\r\n"},
		{"levels below the line's are not shown", func(*uart) { Debugs("no"); Errs("yes") },
			"(hv) [    0.000000] error yes\r\n"},
		{"time", func(*uart) { SetClock(1000, 2); machine.(*uart).now = 1000002 + 233; Infos("x") },
			"(hv) [ 1000.234000] info x\r\n"},
		{"root's bytes pass as they are", func(*uart) { root("a\tb\x1b[1m\r\n\xff") },
			"a\tb\x1b[1m\r\n\xff"},
		{"a log line waits for the end of root's", func(*uart) { SetClock(1<<40, 0); root("he"); Infos("x"); root("llo\r\nnext") },
			"hello\r\n(hv) [    0.000000] info x\r\nnext"},
		{"but not for long; the line is drawn again", func(u *uart) {
			SetClock(1000, 0)
			root("# ")
			Infos("x")
			u.now += 100
			Drain()
			root("ls\n")
		}, "# \r\n(hv) [    0.001000] info x\r\n# ls\n"},
		{"a long unfinished line goes on below", func(u *uart) {
			SetClock(1000, 0)
			root(strings.Repeat("x", lineSize+1))
			settle()
			u.wire = nil
			Infos("x")
			u.now += 100
			Drain()
			root("y")
		}, "\r\n(hv) [    0.001000] info x\r\ny"},
		{"what the runtime prints", func(*uart) { Write(Err, []byte("panic: a\n\ngorou")); Write(Err, []byte("tine 1\n")) },
			"(hv) [    0.000000] error panic: a\r\n(hv) [    0.000000] error goroutine 1\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := start(t)
			Begin()
			tt.do(u)
			settle()
			if got := string(u.wire); got != tt.want {
				t.Errorf("sent %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestNobodyWaitsForASlowLine(t *testing.T) {
	u := start(t)
	Begin()
	UseInterrupts()
	u.full = true
	for i := 0; Room() && i < outSize; i++ {
		Put('r')
	}
	if n := state.OutTail - state.OutHead; n < rootLimit || n > rootLimit+1 {
		t.Errorf("root may queue %d bytes, want about %d", n, rootLimit)
	}
	if u.ier != ierData|ierTHRE {
		t.Errorf("IER is %#x while bytes wait", u.ier)
	}
	for range 1000 {
		Infos("a line of the log that is rather long, so that a few hundred of them are more than fits")
	}
	if state.Lost != 0 {
		t.Errorf("%d bytes lost", state.Lost)
	}
	u.full = false
	for range 100000 {
		if u.ier&ierTHRE == 0 {
			break
		}
		Interrupt()
	}
	settle()
	if u.ier != ierData {
		t.Errorf("IER is %#x when all is sent", u.ier)
	}
	if state.Skipped == 0 || state.Shown != state.LogEnd {
		t.Errorf("skipped %d, shown %d of %d", state.Skipped, state.Shown, state.LogEnd)
	}
	for _, l := range strings.SplitAfter(strings.TrimLeft(string(u.wire), "r"), "\n")[1:] {
		if l != "" && !strings.HasPrefix(l, Prefix) {
			t.Fatalf("garbled line %q", l)
		}
	}
}

func TestInput(t *testing.T) {
	u := start(t)
	Begin()
	UseInterrupts()
	listed := 0
	OnList = func() { listed++ }
	take := func() (got string) {
		Interrupt()
		for b, ok := Input(); ok; b, ok = Input() {
			got += string(rune(b))
			Taken()
		}
		Serve()
		return got
	}
	u.typed = []byte("ls\r")
	if got := take(); got != "ls\r" {
		t.Errorf("root got %q", got)
	}
	u.typed = []byte("\x01\x01x")
	if got := take(); got != "\x01\x01x" {
		t.Errorf("root got %q after two escapes and a key", got)
	}
	u.typed = []byte("\x01\x01\x01")
	if got := take(); got != "" || state.Focus != focusOurs {
		t.Errorf("root got %q, focus %d", got, state.Focus)
	}
	u.typed = []byte("lh")
	if got := take(); got != "" || listed != 1 {
		t.Errorf("root got %q, listed %d times", got, listed)
	}
	u.typed = []byte("\x01\x01\x01q")
	if got := take(); got != "q" {
		t.Errorf("root got %q after switching back", got)
	}
	settle()
	for _, want := range []string{"input goes to the hypervisor", "h: this help", "input goes to root"} {
		if !strings.Contains(string(u.wire), want) {
			t.Errorf("the line never got %q:\n%s", want, u.wire)
		}
	}
}

func TestReadLog(t *testing.T) {
	start(t)
	Infos("one")
	Infos("two")
	const one, two = "[    0.000000] info one\n", "[    0.000000] info two\n"
	buf := make([]byte, 30)
	if n, next := ReadLog(0, buf); string(buf[:n]) != (one + two)[:30] || next != 30 {
		t.Errorf("got %q, next %d", buf[:n], next)
	}
	if n, next := ReadLog(30, buf); string(buf[:n]) != (one + two)[30:] || next != LogEnd() {
		t.Errorf("got %q, next %d", buf[:n], next)
	}
	if n, next := ReadLog(1<<64-1, buf); n != 0 || next != LogEnd() {
		t.Errorf("past the end: %d bytes, next %d", n, next)
	}
	for LogEnd() < LogSize+1000 {
		Infos("many")
	}
	n, next := ReadLog(0, buf)
	if next-uint64(n) < LogEnd()-LogSize || !strings.HasPrefix(string(buf[:n]), "[    0.000000] info many\n") {
		t.Errorf("the oldest: %q, next %d of %d", buf[:n], next, LogEnd())
	}
}

func TestAdopt(t *testing.T) {
	start(t)
	Infos("early")
	kept := &State{}
	Adopt(kept, false)
	Infos("late")
	buf := make([]byte, 200)
	n, _ := ReadLog(0, buf)
	if got := string(buf[:n]); !strings.Contains(got, "early\n") || !strings.Contains(got, "late\n") || kept.LogEnd != LogEnd() {
		t.Errorf("after a cold start: %q", got)
	}

	early, state = State{}, &early // the next instance
	Infos("again")
	Adopt(kept, true)
	n, _ = ReadLog(0, buf)
	if got := string(buf[:n]); strings.Count(got, "\n") != 3 || !strings.HasSuffix(got, "again\n") {
		t.Errorf("after a warm start: %q", got)
	}
	if kept.Shown != kept.LogEnd {
		t.Errorf("shown %d of %d", kept.Shown, kept.LogEnd)
	}
}

func TestFlushIgnoresTheLock(t *testing.T) {
	u := start(t)
	Begin()
	busy.Store(1)
	t.Cleanup(unlock)
	state.puts("last words")
	Flush()
	if string(u.wire) != "last words" {
		t.Errorf("sent %q", u.wire)
	}
}

func TestNoAllocation(t *testing.T) {
	start(t)
	Begin()
	if n := testing.AllocsPerRun(100, func() {
		Put('x')
		Put('\n')
		Say(Info).Str("a").Hex(1).Dec(2).End()
		Drain()
		Interrupt()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
