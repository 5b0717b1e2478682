// Package image judges the file of a hypervisor that is to replace another: is
// it whole, is it signed by the right key, and do the two fit together.
//
// The one idea: everything that can be known without running it is in one page
// behind the ELF file, signed, and is compared with what the running instance
// says of itself; whatever speaks against it is listed, all at once.
//
// The file is the ELF file that any multiboot2 loader takes, filled up to whole
// pages, and the page of the Manifest. A loader does not look at that page. The
// package runs on the host and in the hypervisor; it needs no operating system.
package image

import (
	"strings"

	"perdure/hhr/blake3"
)

// PageSize is the size of a manifest's page, which the file's length is a multiple of.
const PageSize = 4096

// MaxSize is the largest file that can be an image: head.S takes 16 MiB.
const MaxSize = 16<<20 + 4*PageSize

// Rest is called again and again by what computes for long: others may run then.
var Rest = func() {}

// Image is a file that has been found whole and well signed.
type Image struct {
	Manifest Manifest
	Load     Load
	Layouts  []byte // its description of its kept records, a part of the file
	Same     bool   // it declares the same layout of kept state as the running one
}

// Load is what a loader would put into memory: bytes of the file, which begins
// on a page there and may lie at any page of memory below 4 GiB.
type Load struct {
	Offset uint64 // of the first byte in the file, page-aligned
	Size   uint64 // bytes
	Entry  uint64 // from the first byte on
}

// Running is what an instance says of itself, for the comparison.
type Running struct {
	Manifest        // of what runs; its digest and key may be missing
	Force    bool   // the same build too
	Room     uint64 // bytes that can be had for a home
}

// Check judges file: all reasons against it are in the error, an Unfit.
func Check(file []byte, key Key, now *Running) (Image, error) {
	c := Begin(file, key, now)
	for !c.Step(len(file)) {
	}
	return c.Result()
}

// Read returns what an image says of itself, whoever has signed it.
func Read(file []byte) (m Manifest, err error) {
	page, why := manifestPage(file)
	if why == "" {
		why = m.decode(page)
	}
	if why != "" {
		return Manifest{}, Unfit{why}
	}
	return m, nil
}

// Checking is a check under way, for those who may not compute for long.
type Checking struct {
	img  Image
	bad  Unfit
	hash blake3.Hash
	rest []byte // bytes to be hashed
}

// Begin begins to check a file and looks at all but its digest. Without a
// running instance only the file itself is judged. Its bytes may not change
// until the check is over.
func Begin(file []byte, key Key, now *Running) *Checking {
	page, why := manifestPage(file)
	c := &Checking{}
	if why == "" {
		why = c.img.Manifest.decode(page)
	}
	if why == "" {
		why = key.verify(page)
	}
	if why == "" && c.img.Manifest.Size != uint64(len(file)-PageSize) {
		why = "the file is damaged: it is not as long as was signed"
	}
	if why != "" {
		c.bad = Unfit{why}
		return c
	}
	c.rest = file[:len(file)-PageSize]
	c.img.Layouts = c.img.Manifest.LayoutsOf(c.rest)
	if c.img.Load, why = loadable(c.rest); why != "" {
		c.bad = append(c.bad, why)
	}
	if now != nil {
		c.bad = append(c.bad, c.img.Manifest.against(now)...)
		c.img.Same = sameLayout(c.img.Manifest.Records, now.Records)
	}
	return c
}

// Step hashes about n bytes more and reports whether nothing is left to do.
func (c *Checking) Step(n int) bool {
	if len(c.rest) == 0 {
		return true
	}
	n = min(max(n, 1), len(c.rest))
	c.hash.Write(c.rest[:n])
	c.rest = c.rest[n:]
	if len(c.rest) > 0 {
		return false
	}
	if c.hash.Sum() != c.img.Manifest.Digest {
		// Whatever else was found in it is no statement of its author's.
		c.bad = Unfit{"the file is damaged: its digest is not the signed one"}
	}
	return true
}

// Result returns what was found, once Step has nothing left to do. The error is
// an Unfit, with every reason.
func (c *Checking) Result() (Image, error) {
	if len(c.rest) > 0 {
		c.Step(len(c.rest))
	}
	if c.bad != nil {
		return Image{Manifest: c.img.Manifest}, c.bad
	}
	return c.img, nil
}

// Unfit lists the reasons why an image is not taken, each a sentence without
// its full stop.
type Unfit []string

func (u Unfit) Error() string { return strings.Join(u, "; ") }
