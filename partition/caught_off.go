//go:build !inject

package partition

// caught says nothing here.
func (c *CPU) caught() {}
