// Package nic gives network cards their addresses.
//
// The one idea: it asks the kernel by the oldest calls that there are, which
// every kernel with a network answers, so nobody needs a library for it.
package nic

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const class = "/sys/class/net"

// Cards lists the cards that have a device behind them.
func Cards() (names []string) {
	paths, _ := filepath.Glob(class + "/*/device")
	for _, p := range paths {
		names = append(names, filepath.Base(filepath.Dir(p)))
	}
	slices.Sort(names)
	return names
}

// Up switches a card on, with an address if there is one.
func Up(card string, address netip.Prefix) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	set := func(what string, code uint, fill func(*unix.Ifreq) error) {
		if err != nil {
			return
		}
		req, e := unix.NewIfreq(card)
		if e == nil {
			e = fill(req)
		}
		if e == nil {
			e = unix.IoctlIfreq(s, code, req)
		}
		if e != nil {
			err = fmt.Errorf("%s: %s: %w", card, what, e)
		}
	}
	if address.IsValid() {
		mask := binary.BigEndian.AppendUint32(nil, ^uint32(0)<<(32-address.Bits()))
		set("address", unix.SIOCSIFADDR, func(q *unix.Ifreq) error { return q.SetInet4Addr(address.Addr().AsSlice()) })
		set("mask", unix.SIOCSIFNETMASK, func(q *unix.Ifreq) error { return q.SetInet4Addr(mask) })
	}
	set("up", unix.SIOCSIFFLAGS, func(q *unix.Ifreq) error { q.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil })
	return err
}

// Linked waits until a card has a link.
func Linked(card string, patience time.Duration) bool {
	for limit := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		carrier, _ := os.ReadFile(filepath.Join(class, card, "carrier"))
		if strings.TrimSpace(string(carrier)) == "1" {
			return true
		}
		if time.Now().After(limit) {
			return false
		}
	}
}

// Gateway sends what is for no network of ours to a neighbour. It is a netlink
// message (rtnetlink(7), RTM_NEWROUTE), since the older call takes pointers.
func Gateway(card string, to netip.Addr) error {
	i, err := net.InterfaceByName(card)
	if err != nil {
		return err
	}
	s, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	if err := unix.Sendto(s, defaultRoute(uint32(i.Index), to), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	var answer [4096]byte
	n, _, err := unix.Recvfrom(s, answer[:], 0)
	if err != nil {
		return err
	}
	if n < 20 || binary.NativeEndian.Uint16(answer[4:]) != unix.NLMSG_ERROR {
		return fmt.Errorf("%s: an answer of %d bytes to a new route", card, n)
	}
	if code := int32(binary.NativeEndian.Uint32(answer[16:])); code != 0 {
		return fmt.Errorf("%s: gateway %s: %w", card, to, unix.Errno(-code))
	}
	return nil
}

// defaultRoute is the message that makes a route.
func defaultRoute(card uint32, to netip.Addr) []byte {
	e := binary.NativeEndian
	body := []byte{unix.AF_INET, 0, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST, 0, 0, 0, 0}
	attribute := func(kind uint16, value []byte) {
		body = e.AppendUint16(body, uint16(4+len(value)))
		body = append(e.AppendUint16(body, kind), value...)
	}
	attribute(unix.RTA_GATEWAY, to.AsSlice())
	attribute(unix.RTA_OIF, e.AppendUint32(nil, card))
	head := e.AppendUint32(nil, uint32(16+len(body)))
	head = e.AppendUint16(head, unix.RTM_NEWROUTE)
	head = e.AppendUint16(head, unix.NLM_F_REQUEST|unix.NLM_F_ACK|unix.NLM_F_CREATE|unix.NLM_F_REPLACE)
	head = e.AppendUint32(head, 1) // sequence
	return append(append(head, 0, 0, 0, 0), body...)
}
