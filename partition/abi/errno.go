package abi

// Errno is the negative answer of a call; the values are those of Linux where
// one fits, so that a caller's usual table of messages is not far off.
type Errno int64

// The answers. None changes anything but a counter.
const (
	ErrRights   Errno = -1    // the calling partition may not make this call
	ErrNone     Errno = -3    // no such partition, VP or processor
	ErrFault    Errno = -14   // a page of the buffer is not there; RDX is its address: touch it, call again
	ErrBusy     Errno = -16   // something else is under way; call again later
	ErrExists   Errno = -17   // another partition has that name
	ErrMemory   Errno = -12   // not enough memory
	ErrSpace    Errno = -28   // no room for another partition or virtual processor
	ErrState    Errno = -114  // the partition is in a state in which that cannot be done
	ErrArgument Errno = -22   // an argument is out of its range
	ErrCall     Errno = -38   // no such call
	ErrVersion  Errno = -71   // no such version of the interface
	ErrKVM      Errno = -1000 // a version 0 word: what Linux expects from KVM for a call that it does not have
)

// RAX returns e as the register holds it.
//
//go:nosplit
func (e Errno) RAX() uint64 { return uint64(e) }

// Result takes RAX apart into a count and an error; err is 0 if there is none.
func Result(rax uint64) (n uint64, err Errno) {
	if int64(rax) < 0 {
		return 0, Errno(rax)
	}
	return rax, 0
}

// Error says what went wrong in a sentence that a user can do something with.
func (e Errno) Error() string {
	switch e {
	case ErrRights:
		return "this partition may not make that call"
	case ErrNone:
		return "no such partition or processor"
	case ErrFault:
		return "a page of the buffer is not present"
	case ErrBusy:
		return "busy, try again"
	case ErrExists:
		return "another partition has that name"
	case ErrMemory:
		return "not enough free memory"
	case ErrSpace:
		return "no room for another partition or virtual processor"
	case ErrState:
		return "the partition's state does not allow that"
	case ErrArgument:
		return "argument out of range"
	case ErrCall:
		return "the hypervisor does not have that call"
	case ErrVersion:
		return "the hypervisor speaks another version of the hypercall interface"
	case ErrKVM:
		return "not a call of this interface"
	}
	return "unknown error of the hypervisor"
}
