package guestfile

import "perdure/partition/abi"

func (r *reader) nets(g *Guest) {
	seen := map[uint64]int{}
	for i, t := range r.doc.groups["net"] {
		s := &section{table: t, p: r.p}
		if i == abi.MaxNets {
			r.p.Add(t.line, "a guest has at most %d network cards", abi.MaxNets)
		}
		n := Net{Group: uint32(s.number("group", 0, 0, maxGroup)), MTU: uint32(s.number("mtu", 0, abi.MinMTU, abi.MaxMTU))}
		if text := s.text("mac", ""); text != "" {
			mac, err := ParseMAC(text)
			line := s.lineOf("mac")
			switch first, twice := seen[mac]; {
			case err != nil:
				r.p.Add(line, "net.mac: %v", err)
			case twice:
				r.p.Add(line, "net.mac: %s is the card's in line %d already", FormatMAC(mac), first)
			default:
				seen[mac] = line
			}
			n.MAC = mac
		}
		s.rest()
		g.Nets = append(g.Nets, n)
	}
}

// maxGroup bounds the number of a network card's group.
const maxGroup = 1<<32 - 1

func (r *reader) disks(g *Guest) {
	serials := map[string]int{}
	for i, t := range r.doc.groups["disk"] {
		s := &section{table: t, p: r.p}
		if i == abi.MaxDisks {
			r.p.Add(t.line, "a guest has at most %d disks", abi.MaxDisks)
		}
		d := Disk{ReadOnly: s.flag("readonly", false), Serial: s.text("serial", "")}
		if n := len(d.Serial); n > maxSerial {
			r.p.Add(s.lineOf("serial"), "disk.serial has %d characters, a guest sees %d", n, maxSerial)
		}
		if first, twice := serials[d.Serial]; twice && d.Serial != "" {
			r.p.Add(s.lineOf("serial"), "disk.serial: %q is the disk's in line %d already", d.Serial, first)
		}
		serials[d.Serial] = s.lineOf("serial")
		switch {
		case s.has("file") == s.has("ram"):
			r.p.Add(t.line, `a disk has either file = "disk.img" or ram = "64M"`)
			s.text("file", "")
			s.size("ram", 0)
		case s.has("file"):
			r.file(s, &d)
		default:
			d.Capacity = s.size("ram", 0)
			if d.Capacity%abi.MinMemory != 0 {
				r.p.Add(s.lineOf("ram"), "disk.ram is a whole number of MiB")
			}
			if d.ReadOnly {
				r.p.Add(s.lineOf("readonly"), "a disk of memory that cannot be written is of no use")
			}
		}
		s.take("file", kindText)
		s.take("ram", kindText)
		s.rest()
		g.Disks = append(g.Disks, d)
	}
}

// maxSerial is how many characters of a serial number virtio-blk carries.
const maxSerial = 20

// SectorSize is the unit of a disk.
const SectorSize = 512

// file reads a disk that is an image file.
func (r *reader) file(s *section, d *Disk) {
	name, line := s.text("file", ""), s.lineOf("file")
	if name == "" {
		r.p.Add(line, "disk.file names no file")
		return
	}
	full, n := r.path(line, "disk.file", name)
	d.File = full
	switch {
	case n < 0:
	case n == 0:
		r.p.Add(line, "disk.file: %s is empty; \"truncate -s 1G %s\" makes it a disk", full, full)
	case n%SectorSize != 0:
		r.p.Add(line, "disk.file: %s has %d bytes, which is no multiple of %d", full, n, SectorSize)
	default:
		d.Capacity = uint64(n)
	}
	for _, other := range r.diskFiles {
		if other == full && !d.ReadOnly {
			r.p.Add(line, "disk.file: %s is another disk of this guest already", full)
		}
	}
	r.diskFiles = append(r.diskFiles, full)
}
