package net

// Drop gives back what processor cpu had taken when a fault of ours ended its
// work. What it has left half done is finished by who takes the same lock next.
//
//go:nosplit
func (s *Switch) Drop(cpu uint64) {
	for i := range s.Port {
		cas(&s.Port[i].Lock, cpu+1, 0)
	}
	live := load(&s.Live)
	set(&s.Owing, live*(OweReceive|OweTransmit)) // what was owed may have been forgotten
}

// Repair makes the switch at rest after a reset, with no processor at work. All
// ports are then to send, and all drivers to be told. Patience begins anew: the
// receivers have had no time either.
func (s *Switch) Repair() {
	for cpu := range uint64(nobody + 1) {
		s.Drop(cpu)
	}
	for i := range s.Port {
		s.settle(uint64(i), 0)
		s.Port[i].Sent.Since = 0
	}
}
