package console

// Facts are what an instance knows of the line and does not keep in a State; a
// kept record, so that a next instance need not find out.
type Facts struct {
	Port      uint64 // first port of the UART, 0: there is none
	Level     uint64 // a Level
	PerSecond uint64 // ticks of the TSC
	Zero      uint64 // its value when time began
	Interrupt uint64 // 1: the UART interrupts
}

// Present returns the facts as they are now.
func Present() (f Facts) {
	f = Facts{Port: uint64(port), Level: uint64(level), PerSecond: hz, Zero: zero}
	if interrupt {
		f.Interrupt = 1
	}
	return f
}

// Assume makes s the console, which another instance has in use, and touches
// neither s nor the UART. From now on nothing may be said until the machine is ours.
//
//go:nosplit
func Assume(s *State, f *Facts) {
	hz, zero, level = f.PerSecond, f.Zero, Level(f.Level)
	port, interrupt, armed = uint16(f.Port), f.Interrupt == 1, false
	prompt = false
	state = s
}
