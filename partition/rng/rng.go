// Package rng is a virtio source of entropy.
//
// The one idea: whoever gets hold of the state learns nothing of what it gave
// before. The key is replaced by its own first block before the other blocks are
// given away.
//
// A State is kept state: saving it is copying it, and two copies that go on give
// the same. The block function is that of RFC 8439, here and not in a library
// because a guest's request is answered at the end of its exit, where no library
// code may run. The device follows Virtual I/O Device (VIRTIO) Version 1.2,
// "Entropy Device".
package rng

import (
	"perdure/mm/addr"
	"perdure/partition/ram"
	"perdure/partition/tx"
	"perdure/partition/virtio"
)

// Most is how many bytes a request gets at most; it may ask for more and gets
// the first.
const Most = 256

// State is the generator: a kept record.
type State struct {
	Key   [4]uint64 // 32 bytes, replaced at every request
	Block [8]uint64 // on its way to the guest; nothing at rest
	Given uint64    // bytes
}

// Init makes d a source of entropy after power-up.
func Init(d *virtio.Device) { d.Init(virtio.Entropy, 0, 16) }

// Seed mixes words into the key.
//
//go:nosplit
func (s *State) Seed(words *[4]uint64) {
	for i := range s.Key {
		s.Key[i] ^= words[i]
	}
	s.block(0)
	for i := range s.Key {
		s.Key[i] = s.Block[i]
	}
	s.wipe()
}

// Reset puts s into its state after power-up, which for a generator is to go on.
//
//go:nosplit
func (s *State) Reset() { s.wipe() }

// Answer fills the request that Peek found in d's queue.
//
//go:nosplit
func (s *State) Answer(t *tx.Log, m *ram.RAM, d *virtio.Device, c *virtio.Chain) bool {
	n := min(c.Writable, Most)
	if n == 0 {
		return false
	}
	for off, counter := uint64(0), uint32(1); off < n; off, counter = off+64, counter+1 {
		s.block(counter)
		k := min(n-off, 64)
		if c.Put(m, off, s.place(), k) != k {
			s.wipe()
			return false
		}
	}
	s.block(0)
	for i := range s.Key {
		t.Set(&s.Key[i], s.Block[i])
	}
	s.wipe()
	t.Set(&s.Given, s.Given+n)
	q := &d.Queue[0]
	q.Take(t)
	q.Answer(t, c.Head, n)
	return true
}

// wipe forgets the last block.
//
//go:nosplit
func (s *State) wipe() {
	for i := range s.Block {
		s.Block[i] = 0
	}
}

// place returns where the block is.
//
//go:nosplit
func (s *State) place() addr.HVA { return address(&s.Block[0]) }
