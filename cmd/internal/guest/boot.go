package guest

import (
	"fmt"
	"os"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/guestfile"
	"perdure/cmd/internal/load"
	"perdure/cmd/internal/tables"
	"perdure/partition/abi"
)

// Boot is what a guest's memory must hold before its first instruction.
type Boot struct {
	Plan   *load.Plan
	Tables []byte
}

var protocols = map[guestfile.Boot]load.Protocol{
	guestfile.BootAuto: load.Auto, guestfile.BootLinux: load.Linux,
	guestfile.BootPVH: load.PVH, guestfile.BootMultiboot: load.Multiboot,
}

// Prepare reads the files that a guest is loaded from, and checks that they fit.
func Prepare(g *guestfile.Guest) (*Boot, error) {
	q := load.Request{Cmdline: g.Cmdline, Memory: g.Memory, Protocol: protocols[g.Boot]}
	var err error
	if q.Kernel, err = os.ReadFile(g.Kernel); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	if g.Initrd != "" {
		if q.Initrd, err = os.ReadFile(g.Initrd); err != nil {
			return nil, fmt.Errorf("initrd: %w", err)
		}
	}
	for _, m := range g.Modules {
		data, err := os.ReadFile(m.Path)
		if err != nil {
			return nil, fmt.Errorf("modules: %w", err)
		}
		q.Modules = append(q.Modules, load.Module{Data: data, Line: m.Line})
	}
	q.Keep = keep(g.Kernel)
	plan, err := load.Make(q)
	if err != nil {
		return nil, err
	}
	return &Boot{plan, tables.Make(g.Config())}, nil
}

// load puts b into a created partition.
func (h *Host) load(id uint32, b *Boot) error {
	all, done := b.Plan.Bytes()+uint64(len(b.Tables)), uint64(0)
	report := func(n int) {
		done += uint64(n)
		h.Report("loading", done, all)
	}
	for _, p := range b.Plan.Pieces {
		if err := ask.Load(h, id, p.At, p.Data, report); err != nil {
			return fmt.Errorf("loading %d bytes to %#x: %w", len(p.Data), p.At, err)
		}
	}
	if err := ask.Load(h, id, abi.TablesAt, b.Tables, report); err != nil {
		return fmt.Errorf("loading ACPI tables: %w", err)
	}
	return ask.Entry(h, id, &b.Plan.Entry)
}
