package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A name that does not exist measures nothing, and says so.
func TestOnly(t *testing.T) {
	assert.NoError(t, known(""))
	assert.NoError(t, known("restart,recover"))
	assert.ErrorContains(t, known("restart,recovery"), `no measurement "recovery"; there are static, probe`)
}
