package linux

import (
	"cmp"
	"slices"
	"strconv"

	"perdure/boot"
	"perdure/mm/addr"
)

// Bounds of where things go.
const (
	lowFirst = 0x10000 // below it are the BIOS's own data and a starting processor's page
	lowLast  = 1 << 20 // end of what the kernel's own loader leaves alone
	below4G  = 1 << 32 // what the first page tables map
	oneMega  = 1 << 20 // no kernel is loaded below
)

// layout knows what memory is still free.
type layout struct {
	ram   []Range
	taken []Range
}

func newLayout(memory []Range) *layout {
	l := &layout{}
	for _, r := range memory {
		if r.Kind == boot.RAM && r.End() >= r.Start {
			l.ram = append(l.ram, r)
		}
	}
	return l
}

// take marks a range as used.
func (l *layout) take(at addr.GPA, n uint64) {
	l.taken = append(l.taken, Range{Start: at, Size: n})
}

// clash returns a taken range that [at, at+n) overlaps.
func (l *layout) clash(at addr.GPA, n uint64) (Range, bool) {
	for _, t := range l.taken {
		if at < t.End() && t.Start < at+addr.GPA(n) {
			return t, true
		}
	}
	return Range{}, false
}

// free reports whether all of [at, at+n) is RAM that nobody has taken.
func (l *layout) free(at addr.GPA, n uint64) bool {
	if _, bad := l.clash(at, n); bad {
		return false
	}
	return slices.ContainsFunc(l.ram, func(r Range) bool {
		return at >= r.Start && at < r.End() && n <= uint64(r.End()-at)
	})
}

// lowest finds n free bytes in [from, to), as low as can be.
func (l *layout) lowest(from, to addr.GPA, n, align uint64) (addr.GPA, bool) {
	for _, r := range l.ram {
		at := up(max(r.Start, from), align)
		for at >= r.Start && at < min(r.End(), to) && n <= uint64(min(r.End(), to)-at) {
			t, bad := l.clash(at, n)
			if !bad {
				return at, true
			}
			at = up(t.End(), align)
		}
	}
	return 0, false
}

// highest finds n free bytes that end at or below to, as high as can be.
func (l *layout) highest(to addr.GPA, n, align uint64) (addr.GPA, bool) {
	for i := len(l.ram) - 1; i >= 0; i-- {
		r := l.ram[i]
		end := min(r.End(), to)
		for end > r.Start && n <= uint64(end-r.Start) {
			at := (end - addr.GPA(n)) &^ addr.GPA(align-1)
			if at < r.Start {
				break
			}
			t, bad := l.clash(at, n)
			if !bad {
				return at, true
			}
			end = t.Start
		}
	}
	return 0, false
}

func up(a addr.GPA, align uint64) addr.GPA {
	return (a + addr.GPA(align-1)) &^ addr.GPA(align-1)
}

// placeKernel gives img its place: the one it wants, else if it can be moved
// the lowest other one.
func (l *layout) placeKernel(img *image) error {
	if img.base < oneMega && img.align == 0 {
		return &Error{"kernel: " + img.kind + " is linked at " + hex(uint64(img.base)), "link it at 1 MiB or above"}
	}
	if img.base < oneMega || !l.free(img.base, img.size) {
		at, ok := addr.GPA(0), false
		if img.align != 0 {
			at, ok = l.lowest(oneMega, below4G, img.size, img.align)
		}
		if !ok {
			return &Error{"kernel: " + img.kind + " needs " + mega(img.size) + " of memory at " + hex(uint64(img.base)) + " and the partition has no such memory",
				"give it more, for root with root_mem="}
		}
		img.base = at
	}
	l.take(img.base, img.size)
	return nil
}

// placeInitrd finds room for the initramfs as high as the kernel allows.
func (l *layout) placeInitrd(p *Plan, n, last uint64) error {
	if n == 0 {
		return nil
	}
	at, ok := l.highest(addr.GPA(min(last, below4G-1)+1), n, addr.PageSize)
	if !ok {
		return &Error{"initrd: " + mega(n) + " do not fit into the partition's memory beside the kernel", "give it more, for root with root_mem=, or use a smaller one"}
	}
	p.Initrd = Range{at, n, boot.RAM}
	l.take(at, n)
	return nil
}

// kernelSteps returns the copies of the kernel. If the file lies where its
// contents go and they go there in several pieces, one piece could overwrite
// another's source: then the order matters, and if no order will do, the file
// is moved out of the way first.
func (l *layout) kernelSteps(img *image, q Request) ([]Copy, error) {
	steps := slices.Clone(img.steps)
	copies := 0
	for i := range steps {
		steps[i].To += img.base
		if steps[i].From == FromKernel {
			copies++ // they come before the zeros
		}
	}
	if q.KernelAt == 0 || ordered(steps[:copies], q.KernelAt) {
		return steps, nil
	}
	n := uint64(len(q.Kernel))
	aside, ok := l.lowest(oneMega, below4G, n, addr.PageSize)
	if !ok {
		return nil, &Error{"kernel: no room to move a file of " + mega(n) + " out of its own way", "give the partition more memory, for root with root_mem="}
	}
	for i := range steps[:copies] {
		steps[i].From, steps[i].Off = FromGuest, steps[i].Off+uint64(aside)
	}
	return append([]Copy{{FromKernel, 0, aside, n}}, steps...), nil
}

// ordered puts copies from a file at address at into an order in which none
// overwrites the source of a later one, and reports whether there is such an order.
func ordered(copies []Copy, at addr.GPA) bool {
	safe := func() bool {
		for i, c := range copies {
			for _, later := range copies[i+1:] {
				src := at + addr.GPA(later.Off)
				if c.To < src+addr.GPA(later.N) && src < c.To+addr.GPA(c.N) {
					return false
				}
			}
		}
		return true
	}
	slices.SortFunc(copies, func(a, b Copy) int { return cmp.Compare(a.Off, b.Off) })
	if safe() {
		return true
	}
	slices.Reverse(copies)
	return safe()
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
func hex(n uint64) string     { return "0x" + strconv.FormatUint(n, 16) }
func mega(n uint64) string    { return decimal((n+(1<<20)-1)>>20) + " MiB" }
