package serial

import "testing"

// Others fill the console between the interrupt and the guest's look at LSR: it sends
// nothing then, and has to be called again, or it waits for ever.
func TestRoomTakenByOthers(t *testing.T) {
	b := newBench()
	b.w(regMCR, mcrOut2)
	b.w(regIER, ierTHRE)
	b.busy = true
	b.want(t, "IIR", b.r(regIIR)&15, iirTHRE)
	b.want(t, "LSR without room", b.r(regLSR), 0)
	if !b.s.Waiting() || b.s.High() {
		t.Errorf("waiting %v, high %v", b.s.Waiting(), b.s.High())
	}
	b.s.Drained(&b.l)
	b.l.Apply()
	if b.s.Waiting() || !b.s.High() {
		t.Errorf("with room again: waiting %v, high %v", b.s.Waiting(), b.s.High())
	}
}
