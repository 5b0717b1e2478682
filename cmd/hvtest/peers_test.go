package main

import (
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair gives two sockets of this host.
func pair(t *testing.T) (a, b *net.UDPConn) {
	t.Helper()
	for _, c := range []**net.UDPConn{&a, &b} {
		var err error
		if *c, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	return a, b
}

func addrOf(c *net.UDPConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

func TestFlow(t *testing.T) {
	a, b := pair(t)
	fa, fb := newFlow(addrOf(b), 500, 700), newFlow(addrOf(a), 500, 700)
	stop := make(chan struct{})
	go converse(a, map[netip.AddrPort]*flow{fa.to: fa}, stop)
	time.Sleep(50 * time.Millisecond) // whoever is first waits for the other
	go converse(b, map[netip.AddrPort]*flow{fb.to: fb}, stop)
	for _, f := range []*flow{fa, fb} {
		select {
		case <-f.done:
		case <-time.After(20 * time.Second):
			t.Fatal("they do not come to an end")
		}
		r := &report{out: io.Discard}
		if f.judge(r); r.failed {
			t.Errorf("%+v", f.count)
		}
	}
	close(stop)
}

func TestFlowSeesWhatGoesWrong(t *testing.T) {
	other := newFlow(netip.AddrPort{}, 10, 100)
	for _, c := range []struct {
		name string
		do   func(f *flow)
		want string
	}{
		{"lost", func(f *flow) { f.take(other.datagram(0)) }, "of 10 datagrams 0 were sent, 0 arrived, 1 came"},
		{"twice", func(f *flow) { f.take(other.datagram(0)); f.take(other.datagram(0)) }, "1 came twice, 0 damaged"},
		{"damaged", func(f *flow) { b := other.datagram(3); b[50]++; f.take(b) }, "0 came twice, 1 damaged"},
		{"cut", func(f *flow) { f.take(other.datagram(3)[:99]) }, "1 damaged"},
		{"foreign", func(f *flow) { f.take([]byte("hello, this is not ours")) }, "1 damaged"},
		{"a number too high", func(f *flow) { f.take(newFlow(netip.AddrPort{}, 99, 100).datagram(98)) }, "1 damaged"},
	} {
		f, out := newFlow(netip.AddrPort{}, 10, 100), &strings.Builder{}
		c.do(f)
		if r := (&report{out: out}); true {
			if f.judge(r); !r.failed || !strings.Contains(out.String(), c.want) {
				t.Errorf("%s: %s", c.name, out)
			}
		}
	}
}

func TestTCP(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:7002")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	finished := make(chan bool, 2)
	go func() {
		for range 2 {
			c, err := l.Accept()
			if err != nil {
				return
			}
			over, err := answerTCP(c)
			if err != nil {
				t.Error(err)
			}
			finished <- over
		}
	}()
	for _, n := range []int64{100_000, 0} {
		if err := askTCP(netip.MustParseAddr("127.0.0.1"), n); err != nil {
			t.Error(err)
		}
		if over := <-finished; over != (n == 0) {
			t.Errorf("%d bytes: finished %v", n, over)
		}
	}
}

func TestHash(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	os.WriteFile(file, []byte("abcdef"), 0o644)
	f, _ := os.Open(file)
	defer f.Close()
	if got, err := hashOf(f, 3); err != nil || got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("%s %v", got, err)
	}
}
