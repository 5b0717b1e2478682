//go:build !metal

package golden

func startTimer(n uint16) {}
func quietTimer()         {}
func smash(seed uint64)   {}
