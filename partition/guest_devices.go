package partition

// resetDevices puts what a guest was configured with into its state after power-up.
func (p *Partition) resetDevices() error { return nil }

// disconnect takes p's devices from those that they are connected with, before
// its memory goes.
func (p *Partition) disconnect() error { return nil }

// kickDevices has every device of p's look at its queues and interrupt once.
//
//go:nosplit
func (p *Partition) kickDevices(c *CPU) {}

// tell lets root know that p's state changed.
func (p *Partition) tell() {}
