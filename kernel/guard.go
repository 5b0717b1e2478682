package kernel

// Guard is a call that a fault of ours may end, without the runtime, which takes twenty
// thousand instructions for a panic: what runs below it holds nothing that a return
// would have to give back. In a processor's block; its assembly is package partition's.
type Guard struct {
	BP    uint64 // frame of the function that made the call, 0: there is none
	PC    uint64 // where a fault goes, with that frame
	Fault Fault
}

// Fault is an exception that ended a guarded call.
type Fault struct{ Vector, Error, RIP, CR2 uint64 }
