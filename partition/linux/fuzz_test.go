package linux

import (
	"testing"

	"perdure/mm/addr"
)

// prove checks what must hold of every plan: each step inside its source and
// inside RAM.
func prove(t *testing.T, q Request) {
	p, err := MakePlan(q)
	if err != nil {
		return
	}
	all := newLayout(q.Memory)
	size := map[Source]int{FromKernel: len(q.Kernel), FromInitrd: len(q.Initrd), FromPlan: len(p.Data)}
	for _, s := range p.Steps {
		if !all.free(s.To, s.N) {
			t.Fatalf("step %+v writes outside the partition", s)
		}
		if n, file := size[s.From]; file && (s.Off > uint64(n) || s.N > uint64(n)-s.Off) {
			t.Fatalf("step %+v reads outside its source", s)
		}
		if s.From == FromGuest && !all.free(addr.GPA(s.Off), s.N) {
			t.Fatalf("step %+v reads outside the partition", s)
		}
	}
	if !all.free(p.Entry.RIP, 1) {
		t.Fatalf("entry %#x is outside the partition", p.Entry.RIP)
	}
	if p.Entry.RIP < p.Kernel.Start || p.Entry.RIP >= p.Kernel.End() || p.Initrd.Size != 0 && p.Initrd.Start < p.Kernel.End() && p.Kernel.Start < p.Initrd.End() {
		t.Fatalf("plan %+v is impossible", p)
	}
}

func FuzzBzImage(f *testing.F) {
	f.Add(bzImage(1024, nil), uint32(0), uint32(0))
	f.Add(bzImage(4096, func(b []byte) { b[hdrRelocatable] = 0 }), uint32(4096), uint32(15*mib))
	f.Add(bzImage(600, nil)[:0x300], uint32(1), uint32(17*mib))
	f.Fuzz(func(t *testing.T, kernel []byte, initrd, at uint32) {
		prove(t, Request{Kernel: kernel, KernelAt: addr.GPA(at), Initrd: make([]byte, initrd%(4*mib)), Memory: memory})
	})
}

func FuzzELF(f *testing.F) {
	f.Add(elf(0x1000000, segment{virt: 0xffffffff81000000, phys: 0x1000000, file: 300, mem: 400}, segment{virt: 0, phys: 0x1002000, file: 10, mem: 9000}), uint32(0), uint32(0))
	f.Add(elf(mib, segment{phys: mib, file: 10, mem: 8192}, segment{phys: mib + 16384, mem: 10}), uint32(5000), uint32(mib))
	f.Add(elf(mib, segment{phys: mib + 8192, file: 5000, mem: 5000}, segment{phys: mib, file: 5000, mem: 8192}), uint32(9), uint32(mib+100))
	f.Fuzz(func(t *testing.T, kernel []byte, initrd, at uint32) {
		prove(t, Request{Kernel: kernel, KernelAt: addr.GPA(at), Initrd: make([]byte, initrd%(4*mib)), Memory: memory})
	})
}
