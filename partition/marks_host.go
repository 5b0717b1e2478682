//go:build !metal

package partition

//go:nosplit
func marks() bool { return false }
