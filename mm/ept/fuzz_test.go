//go:build !metal

package ept

import (
	"math/rand/v2"
	"testing"

	"perdure/mm/addr"
)

// model is what a table should map, page by page, for a stretch of addresses
// that crosses every kind of boundary.
type model map[addr.GPA]mapped

// start is where the model's pages begin: a little before 512 GiB.
const (
	start = 512*gib - 4*mib
	pages = 2048 // 8 MiB
)

// play does the steps that b tells, to the table and to the model.
func play(t *testing.T, e *Table, b []byte) {
	m := model{}
	for ; len(b) >= 8; b = b[8:] {
		first := (int(b[1]) | int(b[2])<<8) % pages
		n := (int(b[3]) | int(b[4])<<8) % (pages - first + 1)
		if b[0]&0x10 != 0 { // whole 2 MiB
			first, n = first&^511, (n+511)&^511
			n = min(n, pages-first)
		}
		gpa, size := addr.GPA(start+first*addr.PageSize), uint64(n)*addr.PageSize
		perm := []Perm{R, RW, RX, RWX, X}[b[5]%5]
		mem := []MemType{UC, WC, WT, WP, WB}[b[6]%5]
		var err error
		switch b[0] & 3 {
		case 0, 1:
			hpa := addr.HPA(gpa) + addr.HPA(int64(int8(b[7]&^3))*mib)
			if b[7]&1 != 0 {
				hpa += addr.PageSize
			}
			err = e.Map(gpa, hpa, size, perm, mem)
			for i := range addr.GPA(n) {
				g := gpa + i*addr.PageSize
				m[g] = mapped{g, hpa + addr.HPA(i*addr.PageSize), addr.PageSize, perm, mem}
			}
		case 2:
			err = e.Unmap(gpa, size)
			for i := range addr.GPA(n) {
				delete(m, gpa+i*addr.PageSize)
			}
		case 3:
			err = e.Protect(gpa, size, perm)
			for i := range addr.GPA(n) {
				if was, ok := m[gpa+i*addr.PageSize]; ok {
					was.p = perm
					m[was.gpa] = was
				}
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		compare(t, e, m)
	}
}

// compare holds e to m: by Each, and by Walk and Memory at every page.
func compare(t *testing.T, e *Table, m model) {
	t.Helper()
	n, next := 0, addr.GPA(0)
	for _, have := range all(e) {
		if have.gpa < next || uint64(have.gpa)%have.size != 0 || !have.hpa.Aligned(have.size) {
			t.Fatalf("%v: out of order or not aligned", have)
		}
		next = have.gpa + addr.GPA(have.size)
		for off := uint64(0); off < have.size; off += addr.PageSize {
			small := mapped{have.gpa + addr.GPA(off), have.hpa + addr.HPA(off), addr.PageSize, have.p, have.m}
			if want, ok := m[small.gpa]; !ok || want != small {
				t.Fatalf("got %v, want %v", small, want)
			}
			n++
		}
	}
	if n != len(m) {
		t.Fatalf("%d pages mapped, want %d", n, len(m))
	}
	for g := addr.GPA(start - addr.PageSize); g <= start+pages*addr.PageSize; g += addr.PageSize {
		want, there := m[g]
		w, level, ok := e.Walk(g + 0x123)
		if ok != there || ok && (w.Perm() != want.p || w.Mem() != want.m || w.HPA()+addr.HPA(uint64(g)&(span(uint(level))-1)) != want.hpa) {
			t.Fatalf("walk of %#x: %#x at level %d, %v; want %v, %v", g, w, level, ok, want, there)
		}
		hpa, ok := Memory(e.Pointer(), g+0x123)
		if is := there && want.p&RW == RW && want.m == WB; ok != is || ok && hpa != want.hpa+0x123 {
			t.Fatalf("memory of %#x: %#x, %v; want %v, %v", g, hpa, ok, want, is)
		}
	}
}

func FuzzChanges(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0xff, 7, 3, 4, 0, 2, 1, 0, 1, 0, 0, 0, 0}, uint8(2))
	f.Add([]byte{0x10, 0, 0, 0xff, 7, 3, 4, 0, 3, 1, 2, 1, 0, 0, 0, 0}, uint8(1))
	f.Fuzz(func(t *testing.T, steps []byte, level uint8) {
		play(t, begin(t, 256, uint(level%3)), steps[:min(len(steps), 8*64)])
	})
}

// TestRandomChanges is the fuzz target with steps of its own.
func TestRandomChanges(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		steps := make([]byte, 8*40)
		for i := range steps {
			steps[i] = byte(r.Uint32())
		}
		play(t, begin(t, 256, uint(seed%3)), steps)
	}
}
