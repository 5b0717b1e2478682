package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A name that does not exist measures nothing, and says so; some figures alone do not
// take the others' place in the pages.
func TestOnly(t *testing.T) {
	assert.NoError(t, known(""))
	assert.NoError(t, known("restart,recover"))
	assert.ErrorContains(t, known("restart,recovery"), `no measurement "recovery"; there are static, probe`)
	b := bench{only: "static"}
	err := b.run(filepath.Join(t.TempDir(), "bench.json"), t.TempDir(), false)
	require.ErrorContains(t, err, "has no figures yet")
}
