package main

import "runtime"

// lock ties the calling goroutine to its thread for good: ports, pins and
// registers belong to threads.
func lock() { runtime.LockOSThread() }
