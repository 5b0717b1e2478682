package main

import (
	"errors"
	"net/netip"
	"strings"

	"perdure/cmd/internal/nic"
)

// networkUp brings the loopback up, and the first card if the kernel's command
// line has an address for it: hvnet=ADDRESS/BITS, with ,GATEWAY if there is one.
// With hvbridge=NAME all cards become one bridge of that name first, which gets
// the address: so guests come to the network that root's own card is on.
func networkUp(cmdline string) {
	nic.Up("lo", netip.Prefix{}) // a kernel without a network is a kernel
	words, bridge := option(cmdline, "hvnet"), option(cmdline, "hvbridge")
	if words == "" && bridge == "" {
		return
	}
	if err := cardUp(nic.Cards(), words, bridge); err != nil {
		complain("network: %v", err)
	}
}

func cardUp(cards []string, words, bridge string) error {
	if len(cards) == 0 {
		return errors.New("there is no card")
	}
	card := cards[0]
	if bridge != "" {
		loadFor(bridgeAlias)
		if err := nic.Bridge(bridge, cards); err != nil {
			return err
		}
		card = bridge
	}
	if words == "" {
		return nil
	}
	address, gateway, err := parseNet(words)
	if err == nil {
		err = nic.Up(card, address)
	}
	if err == nil && gateway.IsValid() {
		err = nic.Gateway(card, gateway)
	}
	return err
}

// bridgeAlias is the name by which the kernel itself would ask for bridges.
const bridgeAlias = "rtnl-link-bridge"

// parseNet takes the words of hvnet= apart.
func parseNet(words string) (address netip.Prefix, gateway netip.Addr, err error) {
	first, second, two := strings.Cut(words, ",")
	if address, err = netip.ParsePrefix(first); err == nil && two {
		gateway, err = netip.ParseAddr(second)
	}
	return address, gateway, err
}
