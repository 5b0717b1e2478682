//go:build !metal

package mm

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Who had the lock when a fault of ours ended it is not waited for.
func TestDrop(t *testing.T) {
	begin(t, small())
	before := Totals()
	table.lock.Lock()
	Drop()
	at, err := Alloc(kib*4, 1, Home)
	require.NoError(t, err)
	require.NoError(t, Release(at, kib*4, Home))
	assert.Equal(t, before, Totals())
}
