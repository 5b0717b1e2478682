package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guestfile"
	"perdure/cmd/internal/modlist"
	"perdure/cmd/internal/nic"
)

var cmdBridge = command{
	name:  "bridge",
	args:  " [CARD...]",
	short: "Put guests on the network that root's cards are on",
	long: `The cards, all of root's unless some are named, become one bridge with root's own
card of the switch between partitions: guests whose cards are in group 0 are then
on the same Ethernet as the machine is. The bridge takes over the card's IPv4 address
and gateway. It lasts until root is started anew; hvbridge=NAME
on root's command line makes it at start.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		name := fs.String("name", "br0", "`name` of the bridge")
		return func(e *env, args []string) error { return bridge(e, *name, args) }
	},
}

// bridgeAlias is the name by which the kernel itself would ask for bridges.
const bridgeAlias = "rtnl-link-bridge"

// bridgeJSON is the answer of "hvctl bridge --json".
type bridgeJSON struct {
	Bridge    string   `json:"bridge"`
	Port      string   `json:"port"` // root's card of the switch
	Cards     []string `json:"cards"`
	Addresses []string `json:"addresses"`
}

func bridge(e *env, name string, cards []string) error {
	c, err := e.open()
	if err != nil {
		return err
	}
	p, err := ask.Port(c, 0, 0)
	if err != nil {
		return err
	}
	own, err := cardOf(p.MAC)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		cards = slices.DeleteFunc(nic.Cards(), func(card string) bool { return card == own })
	}
	if len(cards) == 0 {
		return fmt.Errorf("root has no card but that of the switch, %s; is its driver among the modules of the initramfs?", own)
	}
	if err := modlist.Load("/lib/modules", bridgeAlias); err != nil {
		return fmt.Errorf("the kernel's bridge: %w", err)
	}
	moved, err := nic.Move(name, append([]string{own}, cards...))
	if err != nil {
		return err
	}
	answer := bridgeJSON{name, own, cards, []string{}}
	for _, a := range moved {
		answer.Addresses = append(answer.Addresses, a.String())
	}
	if e.json {
		return e.emit(answer)
	}
	fmt.Fprintf(e.out, "%s: guests (%s) and %s are one network\n", name, own, strings.Join(cards, ", "))
	if len(moved) > 0 {
		fmt.Fprintf(e.out, "%s has the address %s now\n", name, strings.Join(answer.Addresses, ", "))
	}
	return nil
}

// cardOf finds the card that has an address of the switch's.
func cardOf(mac uint64) (string, error) {
	want := guestfile.FormatMAC(mac)
	for _, card := range nic.Cards() {
		if i, err := net.InterfaceByName(card); err == nil && i.HardwareAddr.String() == want {
			return card, nil
		}
	}
	return "", fmt.Errorf("root has no card with the address %s, which is its own at the switch: %w", want, os.ErrNotExist)
}
