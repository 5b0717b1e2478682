package guestfile

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"perdure/partition/abi"
)

// reader makes a Guest of a document.
type reader struct {
	*section
	doc    *document
	look   Looker
	full   string // path of the file
	folder string

	diskFiles []string
}

var errNoFile = errors.New("is not a regular file")

// path returns the absolute path of the file that a key names, and its size.
func (r *reader) path(line int, key, name string) (string, int64) {
	full := name
	if !filepath.IsAbs(full) {
		full = filepath.Join(r.folder, full)
	}
	n, err := r.look(full)
	var missing *fs.PathError
	switch {
	case err == nil:
		return full, n
	case errors.Is(err, fs.ErrNotExist):
		r.p.Add(line, "%s: there is no file %s", key, full)
	case errors.As(err, &missing):
		r.p.Add(line, "%s: %s: %v", key, full, missing.Err)
	default:
		r.p.Add(line, "%s: %s %v", key, full, err)
	}
	return full, -1
}

func (r *reader) identity(g *Guest) {
	g.Name = r.text("name", strings.TrimSuffix(filepath.Base(r.full), filepath.Ext(r.full)))
	if why := NameProblem(g.Name); why != "" {
		r.p.Add(r.lineOf("name"), "name = %q: %s", g.Name, why)
	}
	if !r.has("memory") {
		r.p.Add(0, `"memory" is missing, as in memory = "256M"`)
	}
	g.Memory = r.size("memory", 0)
	switch {
	case g.Memory == 0:
	case g.Memory%abi.MinMemory != 0:
		r.p.Add(r.lineOf("memory"), "memory is a whole number of MiB")
	case g.Memory > MaxMemory:
		r.p.Add(r.lineOf("memory"), "memory is at most %d GiB", MaxMemory>>30)
	}
	g.Platform = abi.Platform(r.choice("platform", "minimal", "pc"))
	g.Console = r.flag("console", true)
	g.Entropy = r.flag("entropy", true)
	g.OnReboot = Reboot(r.choice("on_reboot", rebootNames...))
}

// MaxMemory bounds a guest's memory: what the hypervisor's page tables are good for.
const MaxMemory = 512 << 30

// size returns the size that a key has.
func (s *section) size(key string, other uint64) uint64 {
	for _, k := range s.keys {
		if k.name == key && k.value.kind == kindNumber {
			s.take(key, kindNumber)
			s.p.Add(k.value.line, "%s = %s: a size has a unit, as in %s = \"%sM\"", s.full(key), k.value.text, key, k.value.text)
			return other
		}
	}
	v, ok := s.take(key, kindText)
	if !ok {
		return other
	}
	n, err := ParseSize(v.text)
	switch {
	case err != nil:
		s.p.Add(v.line, "%s: %v", s.full(key), err)
	case n == 0:
		s.p.Add(v.line, "%s is 0", s.full(key))
	}
	return n
}

func (r *reader) processors(g *Guest) {
	g.VPs = uint32(r.number("vcpus", 1, 1, abi.MaxGuestVPs))
	g.Weight = uint32(r.number("weight", abi.DefaultWeight, 1, abi.MaxWeight))
	list := ""
	for _, k := range r.keys {
		if k.name == "cpus" && k.value.kind == kindList {
			var parts []string
			for _, n := range k.value.list {
				parts = append(parts, n.text)
			}
			r.take("cpus", kindList)
			list = strings.Join(parts, ",")
		}
	}
	if list == "" {
		list = r.text("cpus", "all")
	}
	mask, err := ParseCPUs(list)
	if err != nil {
		r.p.Add(r.lineOf("cpus"), "cpus: %v", err)
	}
	g.CPUs = mask
}

func (r *reader) kernel(g *Guest) {
	if name := r.text("kernel", ""); name != "" {
		g.Kernel, _ = r.path(r.lineOf("kernel"), "kernel", name)
	} else if r.has("kernel") {
		r.p.Add(r.lineOf("kernel"), "kernel names no file")
	} else {
		r.p.Add(0, `"kernel" is missing, as in kernel = "vmlinuz"`)
	}
	if name := r.text("initrd", ""); name != "" {
		g.Initrd, _ = r.path(r.lineOf("initrd"), "initrd", name)
	}
	g.Cmdline = r.text("cmdline", "")
	g.Boot = Boot(r.choice("boot", bootNames...))
	v, _ := r.take("modules", kindList)
	for _, m := range v.list {
		file, _, _ := strings.Cut(m.text, " ")
		if m.kind != kindText || file == "" {
			r.p.Add(v.line, "modules are texts: a file and what the kernel is told with it, as in [\"app.bin --fast\"]")
			continue
		}
		full, _ := r.path(v.line, "modules", file)
		g.Modules = append(g.Modules, Module{full, m.text})
	}
	if g.Initrd != "" && len(g.Modules) > 0 && g.Boot == BootLinux {
		r.p.Add(r.lineOf("modules"), "modules are for multiboot and PVH kernels; Linux takes an initrd")
	}
}
