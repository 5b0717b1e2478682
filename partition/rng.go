package partition

import (
	"encoding/binary"

	"perdure/kernel/x86"
	"perdure/partition/virtio"
)

// maxEntropy is how many requests for entropy are answered in a row.
const maxEntropy = 4

// serveEntropy answers requests for random bytes.
//
//go:nosplit
func serveEntropy(c *CPU, p *Partition, slot, queues uint64) (more uint64) {
	d := p.device(slot)
	q := &d.Queue[0]
	answered := false
	for range maxEntropy {
		found := q.Peek(&p.RAM, &c.Chain)
		if found == virtio.Empty {
			return p.answered(c, slot, 0, answered)
		}
		if found == virtio.Bad || !p.Random.Answer(&c.Log, &p.RAM, d, &c.Chain) {
			c.Log.Reset()
			p.malformed(c, slot)
			return 0
		}
		c.commit()
		q.Publish(&p.RAM)
		answered = true
	}
	return p.answered(c, slot, 0, answered) | queues
}

// seed gives p's generator what nobody else knows: what its creator brought, what
// the processor has, and the time.
func (p *Partition) seed() {
	var w [4]uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(p.Config.Seed[8*i:]) ^ x86.Random()
	}
	w[0] ^= x86.RDTSC()
	p.Random.Seed(&w)
}
