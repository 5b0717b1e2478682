package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"perdure/test/bench/tsc"
)

// A stream of datagrams with sequence numbers, from one guest to the other; the
// receiver answers each burst, so that no more than two are on their way.
const (
	packets = 3200
	burst   = 32
	warmUp  = 320
	payload = 1024
	port    = 7000
)

var (
	sender   = netip.MustParsePrefix("10.9.0.1/24")
	receiver = netip.MustParsePrefix("10.9.0.2/24")
)

// card loads the driver and gives the card its address.
func card(prefix netip.Prefix) (int, error) {
	if err := load("virtio", "virtio_ring", "virtio_mmio", "failover", "net_failover", "virtio_net"); err != nil {
		return 0, err
	}
	var cards []string
	for i := 0; i < 200 && len(cards) == 0; i++ {
		time.Sleep(10 * time.Millisecond)
		cards, _ = filepath.Glob("/sys/class/net/*/device")
	}
	if len(cards) == 0 {
		return 0, errors.New("there is no network card")
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	for _, set := range []struct {
		code uint
		fill func(*unix.Ifreq) error
	}{
		{unix.SIOCSIFADDR, func(q *unix.Ifreq) error { return q.SetInet4Addr(prefix.Addr().AsSlice()) }},
		{unix.SIOCSIFNETMASK, func(q *unix.Ifreq) error { return q.SetInet4Addr([]byte{255, 255, 255, 0}) }},
		{unix.SIOCSIFFLAGS, func(q *unix.Ifreq) error { q.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	} {
		q, err := unix.NewIfreq(filepath.Base(filepath.Dir(cards[0])))
		if err == nil {
			err = set.fill(q)
		}
		if err == nil {
			err = unix.IoctlIfreq(s, set.code, q)
		}
		if err != nil {
			return 0, err
		}
	}
	if err := unix.SetsockoptInt(s, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20); err != nil {
		return 0, err
	}
	return s, unix.Bind(s, &unix.SockaddrInet4{Port: port, Addr: prefix.Addr().As4()})
}

// send sends the stream. Until the other guest is there, and should a packet be
// lost, the burst is sent again.
func send() error {
	s, err := card(sender)
	if err != nil {
		return err
	}
	if err := unix.SetsockoptTimeval(s, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 300_000}); err != nil {
		return err
	}
	if err := unix.Connect(s, &unix.SockaddrInet4{Port: port, Addr: receiver.Addr().As4()}); err != nil {
		return err
	}
	b, answer, again := make([]byte, payload), make([]byte, 8), 0
	for sent, done := 0, 0; done < warmUp+packets; {
		for ; sent < min(done+2*burst, warmUp+packets); sent++ {
			binary.LittleEndian.PutUint64(b, uint64(sent))
			_, _ = raw(unix.SYS_WRITE, s, b) // no answer comes of what fails
		}
		if _, err := raw(unix.SYS_READ, s, answer); err != nil {
			if again++; again > 1000 {
				return fmt.Errorf("no answer after %d packets: %w", done, err)
			}
			time.Sleep(50 * time.Millisecond)
			sent = done
			continue
		}
		done = max(done, int(binary.LittleEndian.Uint64(answer)))
	}
	fmt.Println("RESULT net.again", again)
	return nil
}

// receive counts the packets that come in order and answers each burst.
func receive() error {
	s, err := card(receiver)
	if err != nil {
		return err
	}
	b, answer := make([]byte, payload), make([]byte, 8)
	if err := unix.Connect(s, &unix.SockaddrInet4{Port: port, Addr: sender.Addr().As4()}); err != nil {
		return err
	}
	begin, bad := uint64(0), 0
	for next := 0; next < warmUp+packets; {
		n, err := raw(unix.SYS_READ, s, b)
		if err != nil {
			return err
		}
		switch seq := int(binary.LittleEndian.Uint64(b)); {
		case n != payload:
			bad++
		case seq == next:
			if next++; next == warmUp {
				begin = tsc.Read()
			}
		default:
			bad++
		}
		if next%burst == 0 {
			binary.LittleEndian.PutUint64(answer, uint64(next))
			if _, err := raw(unix.SYS_WRITE, s, answer); err != nil {
				return err
			}
		}
	}
	fmt.Printf("RESULT net.udp %.1f\n", float64(tsc.Read()-begin)/packets)
	fmt.Println("RESULT net.bad", bad)
	for range 3 { // the last answer must not be the one that is lost
		if _, err := raw(unix.SYS_WRITE, s, answer); err != nil && !errors.Is(err, unix.ECONNREFUSED) {
			return err
		}
	}
	return nil
}
