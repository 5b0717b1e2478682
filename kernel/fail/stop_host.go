//go:build !metal

package fail

var stopped int

func stop() { stopped++ }
