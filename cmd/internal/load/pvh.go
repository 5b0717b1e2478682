package load

import (
	"perdure/boot/le"
	"perdure/partition/abi"
)

// The PVH boot protocol. Xen, "x86/HVM direct boot ABI".
const (
	noteEntry32 = 18 // XEN_ELFNOTE_PHYS32_ENTRY
	startMagic  = 0x336ec578

	startLen    = 56 // hvm_start_info, version 1
	startModLen = 32 // hvm_modlist_entry
	startMapLen = 24 // hvm_memmap_table_entry
)

// pvhEntry returns where a PVH kernel begins.
func (f *elfFile) pvhEntry() (uint64, bool) {
	for _, n := range f.notes {
		switch {
		case n.name != "Xen" || n.kind != noteEntry32:
		case len(n.desc) == 4:
			return uint64(le.U32(n.desc, 0)), true
		case len(n.desc) >= 8:
			return le.U64(n.desc, 0), true
		}
	}
	return 0, false
}

// pvhFile reads a PVH kernel, or the one inside a bzImage, and where it begins.
func pvhFile(q *Request) (f *elfFile, entry uint64, err error) {
	b := q.Kernel
	if isBzImage(b) {
		if b, err = q.inner(); err != nil {
			return nil, 0, &Error{"PVH begins inside the bzImage, and " + err.Error(), `use boot = "linux"`}
		}
	}
	if f, err = readELF(b); err != nil {
		return nil, 0, err
	}
	entry, ok := f.pvhEntry()
	if !ok {
		return nil, 0, &Error{"ELF file has no note that says where PVH begins", `use boot = "auto", or build it with PVH (in Linux CONFIG_PVH)`}
	}
	if at, ok := f.physical(entry); len(f.segs) > 0 && (!ok || at != entry || entry >= 1<<32) {
		return nil, 0, elfError("has its PVH entry outside what is loaded")
	}
	return f, entry, nil
}

// pvhPlan boots a kernel by the PVH protocol.
func pvhPlan(q Request) (*Plan, error) {
	f, entry, err := pvhFile(&q)
	if err != nil {
		return nil, err
	}
	if len(q.Initrd) > 0 {
		q.Modules = append([]Module{{Data: q.Initrd}}, q.Modules...)
	}
	b, err := newBooter(f.segs, memoryMap(q.Memory))
	if err != nil {
		return nil, err
	}
	mods, err := b.modules(q.Modules)
	if err != nil {
		return nil, err
	}
	return b.plan("PVH", abi.Entry{RIP: entry, RBX: b.data(b.startInfo(q, mods))})
}

// startInfo returns hvm_start_info.
func (b *booter) startInfo(q Request, mods []span) []byte {
	info := make([]byte, startLen)
	le.Put32(info, 0, startMagic)
	le.Put32(info, 4, 1)
	le.Put32(info, 12, uint32(len(mods)))
	list := make([]byte, len(mods)*startModLen)
	for i, m := range mods {
		le.Put64(list, i*startModLen, m.at)
		le.Put64(list, i*startModLen+8, m.end-m.at)
		if line := q.Modules[i].Line; line != "" {
			le.Put64(list, i*startModLen+16, b.text(line))
		}
	}
	le.Put64(info, 16, b.data(list))
	le.Put64(info, 24, b.text(q.Cmdline))
	le.Put64(info, 32, abi.TablesAt)
	memory := memoryMap(q.Memory)
	table := make([]byte, len(memory)*startMapLen)
	for i, r := range memory {
		le.Put64(table, i*startMapLen, uint64(r.Start))
		le.Put64(table, i*startMapLen+8, r.Size)
		le.Put32(table, i*startMapLen+16, uint32(r.Kind))
	}
	le.Put64(info, 40, b.data(table))
	le.Put32(info, 48, uint32(len(memory)))
	return info
}
