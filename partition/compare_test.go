//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A dispatcher that fails again and again before it enters a guest is given up; one that
// gets on in between is not.
func TestBarren(t *testing.T) {
	c, _ := bench(t, 1)
	fruitless[0].faults = 0
	for range 100 {
		c.barren()
		c.Exits++
	}
	for range mostFruitless - 1 {
		c.barren()
	}
	assert.Panics(t, func() { c.barren() }) // which a reset is on a host
}
