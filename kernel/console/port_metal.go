//go:build metal

package console

import "perdure/kernel/x86"

//go:nosplit
func in(port uint16) uint8 { return x86.IN8(port) }

//go:nosplit
func out(port uint16, v uint8) { x86.OUT8(port, v) }

//go:nosplit
func rdtsc() uint64 { return x86.RDTSC() }

//go:nosplit
func pause() { x86.PAUSE() }
