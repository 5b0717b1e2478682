package guest

import (
	"fmt"

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
	files  files // that the plan's pieces lie in
}

// Close ends the use of the plan.
func (b *Boot) Close() { b.files.close() }

var protocols = map[guestfile.Boot]load.Protocol{
	guestfile.BootAuto: load.Auto, guestfile.BootLinux: load.Linux,
	guestfile.BootPVH: load.PVH, guestfile.BootMultiboot: load.Multiboot,
}

// Prepare reads the files that a guest is loaded from, and checks that they fit.
func Prepare(g *guestfile.Guest) (*Boot, error) {
	b := &Boot{}
	if err := b.prepare(g); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *Boot) prepare(g *guestfile.Guest) (err error) {
	defer whole(&err)()
	q := load.Request{Cmdline: g.Cmdline, Memory: g.Memory, Protocol: protocols[g.Boot]}
	if q.Kernel, err = b.files.read(g.Kernel); err != nil {
		return fmt.Errorf("kernel: %w", err)
	}
	if g.Initrd != "" {
		if q.Initrd, err = b.files.read(g.Initrd); err != nil {
			return fmt.Errorf("initrd: %w", err)
		}
	}
	for _, m := range g.Modules {
		data, err := b.files.read(m.Path)
		if err != nil {
			return fmt.Errorf("modules: %w", err)
		}
		q.Modules = append(q.Modules, load.Module{Data: data, Line: m.Line})
	}
	q.Keep = b.files.keep(g.Kernel)
	b.Tables = tables.Make(g.Config())
	b.Plan, err = load.Make(q)
	return err
}

// load puts b into a created partition.
func (h *Host) load(id uint32, b *Boot) (err error) {
	defer whole(&err)()
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
