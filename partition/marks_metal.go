//go:build metal

package partition

// marks reports whether the collector marks, whoever has called it.
func marks() bool
