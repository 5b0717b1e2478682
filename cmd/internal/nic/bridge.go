package nic

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Bridge makes one network of those that cards are on: a card of that name, to
// which they belong. The kernel must have its bridge module.
func Bridge(name string, cards []string) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	req, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("%q: %w", name, err)
	}
	// The call takes a name; a request begins with one.
	if err := unix.IoctlIfreq(s, unix.SIOCBRADDBR, req); err != nil && err != unix.EEXIST {
		return fmt.Errorf("%s: making a bridge: %w", name, err)
	}
	// There is no loop that a card would have to listen for first, 15 s long.
	if err := os.WriteFile(filepath.Join(class, name, "bridge/forward_delay"), []byte("0"), 0); err != nil {
		return err
	}
	for _, card := range cards {
		i, err := net.InterfaceByName(card)
		if err != nil {
			return err
		}
		req.SetUint32(uint32(i.Index))
		if err := unix.IoctlIfreq(s, unix.SIOCBRADDIF, req); err != nil && err != unix.EBUSY {
			return fmt.Errorf("%s: taking %s: %w", name, card, err)
		}
		if err := Up(card, netip.Prefix{}); err != nil {
			return err
		}
	}
	return Up(name, netip.Prefix{})
}
