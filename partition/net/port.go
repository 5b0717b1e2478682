package net

// up reports whether port i takes part.
//
//go:nosplit
func (s *Switch) up(i uint64) bool { return load(&s.Live)&bit(i) != 0 && wire(i).Device.Live() }

// fail notes that a queue of port i is malformed: it takes part no more, until
// its driver resets it.
//
//go:nosplit
func (s *Switch) fail(i, cpu uint64) {
	t := &s.room(cpu).Log
	t.Reset()
	wire(i).Device.Break(t)
	t.Or(&s.Failing, bit(i))
	t.Apply()
}

// Up lets port i take part: its driver is ready. Doing it again changes nothing.
//
//go:nosplit
func (s *Switch) Up(i uint64) {
	if load(&s.Live)&bit(i) == 0 {
		set(&s.Live, bit(i))
	}
}

// Down takes port i out, as processor cpu, which owns its device: its driver has
// reset it, or its memory goes. When Down has returned, no processor reads or
// writes the port's memory. It returns the ports that waited for it, which are
// to send now. Doing it again changes nothing.
//
//go:nosplit
func (s *Switch) Down(i, cpu uint64) (waited uint64) {
	p := s.port(i)
	take(&p.Lock, cpu)
	clearBits(&s.Live, bit(i))
	clearBits(&s.Failing, bit(i))
	clearBits(&s.Waiting, bit(i))
	store(&p.Put.Busy, 0)
	store(&p.Lock, 0)
	for to := range uint64(MaxPorts) { // what a fault of ours has left half done
		if r := &s.Port[to]; load(&r.Put.Busy) != 0 && r.Put.From == i {
			take(&r.Lock, cpu)
			s.settle(to, cpu)
			store(&r.Lock, 0)
		}
	}
	store(&p.Sent.Busy, 0)
	p.Sent.Left, p.Deaf = 0, 0
	s.forget(i)
	return s.Refill(i)
}

// Refill returns the ports that wait for port i's receive buffers, which may
// have them now, and forgets that they wait.
//
//go:nosplit
func (s *Switch) Refill(i uint64) (waited uint64) { return swap(&s.port(i).Waiters, 0) }

// Patient returns the ports that wait, for another try now.
//
//go:nosplit
func (s *Switch) Patient() uint64 { return load(&s.Waiting) }

// Owed returns the interrupts that are owed, as Owing has them, and the ports
// whose device has failed, and forgets them.
//
//go:nosplit
func (s *Switch) Owed() (owed, failed uint64) {
	if load(&s.Owing)|load(&s.Failing) == 0 {
		return 0, 0
	}
	return swap(&s.Owing, 0), swap(&s.Failing, 0)
}
