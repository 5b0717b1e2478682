package guest

import (
	"fmt"
	"os"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// unlike makes sure that g has nothing that only one guest can have: the address
// of a card, an image file that is written.
func (h *Host) unlike(g *guestfile.Guest) error {
	all, err := ask.Partitions(h)
	if err != nil {
		return err
	}
	for _, p := range all {
		name := abi.Text(p.Name[:])
		if err := h.unlikeCards(g, p.ID, name); err != nil {
			return err
		}
		if other, err := h.Recall(name); err == nil {
			if err := unlikeDisks(g, other); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *Host) unlikeCards(g *guestfile.Guest, id uint32, name string) error {
	for i := range uint32(abi.MaxNets) {
		port, err := ask.Port(h, id, i)
		if err != nil {
			return nil // no more cards
		}
		for _, n := range g.Nets {
			if n.MAC != 0 && n.MAC == port.MAC && n.Group == port.Group {
				return fmt.Errorf("net.mac: %s is the address of a card of %s", guestfile.FormatMAC(n.MAC), name)
			}
		}
	}
	return nil
}

// unlikeDisks refuses a file that one of the two guests writes and the other one has.
func unlikeDisks(g, other *guestfile.Guest) error {
	for _, mine := range g.Disks {
		for _, theirs := range other.Disks {
			if (!mine.ReadOnly || !theirs.ReadOnly) && sameFile(mine.File, theirs.File) {
				return fmt.Errorf("disk.file: %s is a disk of %s, and two guests that write one file destroy it; give each a copy, or let both be readonly", mine.File, other.Name)
			}
		}
	}
	return nil
}

// sameFile reports whether two paths lead to one file.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}
