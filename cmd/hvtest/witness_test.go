package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pairOfBeams makes two that send each other n probes. Between them the wire
// drops, doubles or damages what it is told to.
func pairOfBeams(t *testing.T, n int, wire func(m []byte) [][]byte) (a, b *beams) {
	t.Helper()
	var c [4]*net.UDPConn // a, the wire's two ends, b
	var at [4]netip.AddrPort
	for i := range c {
		var err error
		c[i], err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		_ = keepAll(c[i]) // on a busy host much waits; who may not make room has less
		at[i] = c[i].LocalAddr().(*net.UDPAddr).AddrPort()
		t.Cleanup(func() { c[i].Close() })
	}
	carry := func(from, to int, dest netip.AddrPort) {
		buf := make([]byte, 2048)
		for {
			k, _, err := c[from].ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			for _, m := range wire(bytes.Clone(buf[:k])) {
				c[to].WriteToUDPAddrPort(m, dest)
			}
		}
	}
	go carry(1, 2, at[3])
	go carry(2, 1, at[0])
	a = newBeams(c[0], []netip.AddrPort{at[1]}, n, time.Millisecond)
	b = newBeams(c[3], []netip.AddrPort{at[2]}, n, time.Millisecond)
	a.late, b.late = time.Second, time.Second
	go a.listen()
	go b.listen()
	return a, b
}

func TestBeams(t *testing.T) {
	probe := func(m []byte, seq uint32) bool {
		return binary.BigEndian.Uint32(m[4:]) == beaconProbe && binary.BigEndian.Uint32(m[8:]) == seq
	}
	for _, c := range []struct {
		name string
		wire func(m []byte) [][]byte
		says []string // nothing: all is well
	}{
		{"a good wire", func(m []byte) [][]byte { return [][]byte{m} }, nil},
		{"one is lost", func(m []byte) [][]byte {
			if probe(m, 7) {
				return nil
			}
			return [][]byte{m}
		}, []string{"49 were answered", "1 of 50 did not come"}},
		{"one comes twice", func(m []byte) [][]byte {
			if probe(m, 7) {
				return [][]byte{m, m}
			}
			return [][]byte{m}
		}, []string{"came twice"}},
		{"one is damaged", func(m []byte) [][]byte {
			if probe(m, 7) {
				m[11]++
			}
			return [][]byte{m}
		}, []string{"1 damaged"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a, b := pairOfBeams(t, 50, c.wire)
			require.True(t, a.meet(time.Minute))
			require.True(t, b.meet(time.Minute))
			done := make(chan bool)
			go func() { b.probe(time.Minute, nil); done <- true }()
			a.probe(time.Minute, nil)
			<-done
			var out bytes.Buffer
			r := &report{out: &out}
			a.list()[0].judge(r, 50, true)
			b.list()[0].judge(r, 50, false)
			require.Equal(t, c.says != nil, r.failed, out.String())
			for _, s := range c.says {
				require.Contains(t, out.String(), s)
			}
			require.Contains(t, out.String(), "sample.127.0.0.1 ")
		})
	}
}

// Who has enough ends it for the other one too, and both know how many there were.
func TestBeamsEnd(t *testing.T) {
	a, b := pairOfBeams(t, 1<<20, func(m []byte) [][]byte { return [][]byte{m} })
	require.True(t, a.meet(time.Minute))
	require.True(t, b.meet(time.Minute))
	done, enough := make(chan bool), make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() { close(enough) })
	go func() { b.probe(time.Minute, b.over); done <- true }()
	a.probe(time.Minute, enough)
	<-done
	for _, one := range []*beams{a, b} {
		var out bytes.Buffer
		r := &report{out: &out}
		one.list()[0].judge(r, one.n, false)
		require.False(t, r.failed, out.String())
		require.Less(t, one.n, 1<<20)
	}
	require.Equal(t, a.n, b.list()[0].theirs)
}

func TestStream(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage bool
	}{{"whole", false}, {"damaged", true}} {
		t.Run(c.name, func(t *testing.T) {
			a, b := net.Pipe()
			stop := make(chan struct{})
			time.AfterFunc(500*time.Millisecond, func() { close(stop) })
			sent := make(chan int64)
			go func() {
				n, _ := sendStream(&flip{Conn: a, on: c.damage}, 1, time.Millisecond, stop)
				sent <- n
				a.Close()
			}()
			came, err := takeStream(b)
			if c.damage {
				require.Error(t, err)
				b.Close()
			} else {
				require.NoError(t, err)
			}
			if n := <-sent; !c.damage {
				require.Positive(t, n)
				require.Equal(t, n, came)
			}
		})
	}
}

// flip changes a bit of the first block.
type flip struct {
	net.Conn
	on bool
}

func (f *flip) Write(b []byte) (int, error) {
	if f.on && len(b) > 100 {
		b, f.on = bytes.Clone(b), false
		b[50] ^= 1
	}
	return f.Conn.Write(b)
}

func TestWatches(t *testing.T) {
	var g gaps
	var l lateness
	for took := 100 * time.Millisecond; took < 10*time.Second && (g.reads == 0 || l.ticks < 10); took *= 4 { // the host may be busy
		stop := make(chan struct{})
		time.AfterFunc(took, func() { close(stop) })
		ticks := make(chan lateness)
		go func() { ticks <- watchTimer(5*time.Millisecond, stop) }()
		var err error
		g, err = watchTSC(0, 50, stop)
		require.NoError(t, err)
		l = <-ticks
	}
	require.Positive(t, g.reads)
	require.Positive(t, g.longest)
	require.Contains(t, g.text(), fmt.Sprintf(":%d", g.longest))
	require.GreaterOrEqual(t, l.ticks, 10)
	require.Zero(t, l.early)
	require.Positive(t, l.longest)
}

func TestAlarmingLines(t *testing.T) {
	for line, want := range map[string]bool{
		"watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [hvtest:12]":                true,
		"rcu: INFO: rcu_preempt self-detected stall on CPU":                            true,
		"rcu: INFO: rcu_sched detected stalls on CPUs/tasks":                           true,
		"clocksource: timekeeping watchdog: Marking clocksource 'tsc' as unstable":     true,
		"INFO: task hvtest:12 blocked for more than 120 seconds.":                      true,
		"virtio_net virtio0 eth0: NETDEV WATCHDOG: CPU: 0: transmit queue 0 timed out": true,
		"rcu: Hierarchical RCU implementation.":                                        false,
		"e1000: eth0 NIC Link is Up":                                                   false,
	} {
		require.Equal(t, want, alarming.MatchString(line), line)
	}
}
