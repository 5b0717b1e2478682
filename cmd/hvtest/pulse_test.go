package main

import (
	"bytes"
	"net/netip"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wires counts those that there were: their sockets stay.
var wires byte

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
		{"one comes twice", func(l line) { l.send(pulsed(pulseBeat, 3, [3]uint32{}, 0)) }, "1 datagrams came twice, and 1 answers"},
		{"one is damaged", func(l line) { l.send([]byte("nonsense")) }, "1 datagrams were damaged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wires++
			loop := func(end byte) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, wires, end}) }
			here, there := loop(1), loop(2)
			var said, other bytes.Buffer
			a, b := &report{out: &said}, &report{out: &other}
			p := &pulse{gap: 5 * time.Millisecond, time: 200 * time.Millisecond, wait: 20 * time.Second}
			q := &pulse{gap: p.gap, time: p.time, wait: p.wait}
			done := make(chan bool)
			go func() { q.answer(b, there, here); close(done) }()
			go func() {
				for p.sent.Load() < 10 {
					time.Sleep(time.Millisecond)
				}
				c.disturb(p.line)
			}()
			p.beat(a, here, there)
			<-done
			require.Contains(t, said.String(), c.says)
			require.Equal(t, c.says != "doubled 0 0", a.failed, said.String())
			require.False(t, b.failed, other.String())
			require.Contains(t, other.String(), "came 40")
		})
	}
}
