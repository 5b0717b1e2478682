// Command hv is the hypervisor: the program that head.S starts.
package main

import "perdure/kernel"

func main() {
	println("perdure: Go runs; TSC", kernel.TSCHz(), "Hz")
}
