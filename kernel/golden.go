package kernel

// golden is what a processor needs to throw the volatile state away.
type golden struct {
	taken uint64
}
