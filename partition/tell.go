package partition

import (
	"perdure/kernel"
	"perdure/mm"
	"perdure/mm/addr"
	"perdure/partition/abi"
)

// A candidate tells the instance below more than fits into a call: page by page,
// through the page that kernel.Keep is, and then what it is about.

// spoken is what the candidate has told so far. A reset loses it, and ends the restart.
var spoken []byte

// maxTold is the most that a candidate can have to say at once.
const maxTold = 1 << 20

// OnTold answers what a candidate asks about what it told; whoever knows sets it.
var OnTold = func(op abi.ServiceOp, told []byte) (answer uint64, why string) { return 0, "nobody listens" }

// Tell tells the instance below b, asks it op about that, and returns its answer.
func Tell(op abi.ServiceOp, b []byte) (answer uint64) {
	page := kernel.Keep()
	for len(b) > 0 {
		n := min(len(b), addr.PageSize)
		clear(page[:])
		for i, c := range b[:n] {
			page[i/8] |= uint64(c) << (i % 8 * 8)
		}
		service(abi.ServiceSay, uint64(kernel.KeepPage()), uint64(n))
		b = b[n:]
	}
	clear(page[:])
	return service(op, 0, 0)
}

// said takes n bytes at a of what the candidate has to say, within one page.
func (r *Restart) said(a, n uint64) (why string) {
	if !r.within(a, n) || n > addr.PageSize || len(spoken)+int(n) > maxTold {
		return "what the candidate says is not in its home, or too much"
	}
	spoken = append(spoken, mm.Bytes(addr.HPA(a), n)...)
	return ""
}

// answer answers a question about what was said.
func (r *Restart) answer(op abi.ServiceOp) (n uint64, why string) {
	b := spoken
	spoken = nil
	if r != Restarting() {
		return 0, "" // a standby is of this build
	}
	return OnTold(op, b)
}
