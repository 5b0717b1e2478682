//go:build !metal

package partition

// dr6 is the register of a processor that a host does not let us have.
var dr6 uint64

func readDR6() uint64 { return dr6 }

func writeDR6(v uint64) {
	dr6 = v
	onDR6()
}

// onDR6 is called when it has been written.
var onDR6 = func() {}
