//go:build !metal

package partition

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"perdure/partition/abi"
)

// Whatever the control goroutine did when a fault of ours ended it, its locks are opened.
func TestLocksAreDropped(t *testing.T) {
	restarting(t)
	dropped := 0
	locks = append(locks, func() { dropped++ })
	defer func(old func(*Restart)) { locks, OnRestart = locks[:len(locks)-1], old }(OnRestart)
	OnRestart = func(*Restart) { panic("a fault") }
	work(WorkRestart)
	assert.Equal(t, 1, dropped)
	failing.work, failing.times = 0, 0
	b := buffer{w: walker{p: nil}}
	_, _, err := b.attempt(&Call{Number: uint64(abi.CallLog), Args: [6]uint64{0, 0, 100}})
	assert.Equal(t, abi.ErrBusy, err)
	assert.Equal(t, 2, dropped)
}
