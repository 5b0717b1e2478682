package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wires counts those that there were: their sockets stay.
var wires uint32

// loop is an address of this host that no other process with this test takes.
func loop(end uint32) netip.Addr {
	n := uint32(os.Getpid())<<9 | wires%256<<1 | end
	return netip.AddrFrom4([4]byte{127, byte(n >> 16), byte(n >> 8), byte(n)})
}

// Two ends on this host: all that is sent comes, and is answered, once; and a datagram
// that comes twice, or is damaged, is told.
func TestPulse(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // see pulse
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU() + 4))
	for _, c := range []struct {
		name    string
		disturb func(l line)
		says    string
	}{
		{"a good wire", func(line) {}, "doubled 0 0"},
		{"one comes twice", func(l line) { l.send(pulsed(pulseBeat, 0, [3]uint32{}, 0)) }, "1 datagrams came twice, and 1 answers"},
		{"one is damaged", func(l line) { l.send([]byte("nonsense")) }, "1 datagrams were damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wires++
			here, there := loop(0), loop(1)
			var said, other bytes.Buffer
			a, b := &report{out: &said}, &report{out: &other}
			p := &pulse{gap: 10 * time.Millisecond, time: 400 * time.Millisecond, wait: 20 * time.Second}
			q := &pulse{gap: p.gap, time: p.time, wait: p.wait}
			done := make(chan bool)
			go func() { q.answer(b, there, here); close(done) }()
			go func() {
				for p.sent.Load() == 0 {
					time.Sleep(time.Millisecond)
				}
				c.disturb(p.line)
			}()
			p.beat(a, here, there)
			<-done
			require.Contains(t, said.String(), c.says)
			require.Equal(t, c.says != "doubled 0 0", a.failed, said.String())
			require.False(t, b.failed, other.String())
			require.Contains(t, other.String(), fmt.Sprintf("came %d ", p.sent.Load())) // it is over by time
		})
	}
}
