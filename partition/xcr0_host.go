//go:build !metal

package partition

// setXCR0 is not for the likes of a host.
func setXCR0(v uint64) {}
