package nic

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Move makes a bridge of cards, and gives it the IPv4 address that one of them
// had and the gateway behind it. It returns the address, if there was one.
func Move(bridge string, cards []string) (moved []netip.Prefix, err error) {
	var gateway netip.Addr
	routes, _ := os.ReadFile("/proc/net/route")
	for _, card := range cards {
		addresses, err := addressesOf(card)
		if err != nil {
			return nil, err
		}
		moved = append(moved, addresses...)
		if g := gatewayOf(string(routes), card); g.IsValid() {
			gateway = g
		}
	}
	if len(moved) > 1 {
		return nil, fmt.Errorf("%v: a bridge takes over one address; remove the others", moved)
	}
	if err := Bridge(bridge, cards); err != nil {
		return nil, err
	}
	for _, card := range cards {
		if had, _ := addressesOf(card); len(had) > 0 {
			if err := forget(card); err != nil {
				return nil, err
			}
		}
	}
	for _, a := range moved {
		if err := Up(bridge, a); err != nil {
			return nil, err
		}
	}
	if gateway.IsValid() {
		return moved, Gateway(bridge, gateway)
	}
	return moved, nil
}

// forget takes a card's address.
func forget(card string) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	req, err := unix.NewIfreq(card)
	if err != nil {
		return err
	}
	if err := req.SetInet4Addr(make([]byte, 4)); err != nil {
		return err
	}
	return unix.IoctlIfreq(s, unix.SIOCSIFADDR, req)
}

// addressesOf returns the IPv4 addresses of a card.
func addressesOf(card string) (list []netip.Prefix, err error) {
	i, err := net.InterfaceByName(card)
	if err != nil {
		return nil, err
	}
	all, err := i.Addrs()
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() {
			list = append(list, p)
		}
	}
	return list, err
}

// gatewayOf finds a card's default route in the kernel's table, whose words are
// in hexadecimal, as they lie in memory.
func gatewayOf(routes, card string) netip.Addr {
	for line := range strings.Lines(routes) {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] != card || f[1] != "00000000" {
			continue
		}
		if n, err := strconv.ParseUint(f[2], 16, 32); err == nil && n != 0 {
			return netip.AddrFrom4([4]byte(binary.NativeEndian.AppendUint32(nil, uint32(n))))
		}
	}
	return netip.Addr{}
}
