package partition

import "perdure/partition/abi"

// Restarts fail for tests: the bits of RestartBegin's flags from failShift on are
// 1 plus the edge where that is to happen. Only an image that can make faults takes
// them.
const (
	failShift = 32
	FailMask  = 0xff << failShift
)

// Fails reports whether r is to fail now: it is about to leave phase p, or, if
// begun, has just entered it.
func (r *Restart) Fails(p abi.RestartPhase, begun bool) bool {
	return r.Fail == 1+2*uint64(p)+b2u(!begun)
}
