package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSaid(t *testing.T) {
	all, err := said("boot: RESULT role boot\r\nboot: RESULT kernel.boot 12\r\nRESULT kernel.boot 13\nRESULT hlt.wakeup 4.50 100\nRESULT end boot\nRESULT cut 7")
	assert.NoError(t, err)
	assert.Equal(t, map[string]float64{"kernel.boot": 12, "hlt.wakeup": 4.5}, all)
	_, err = said("RESULT failed read: no such device\n")
	assert.Error(t, err)
}

// Two guests of which one always begins seven ticks after the other has gone, and
// a time in which both were away.
func TestSwitches(t *testing.T) {
	all := turns("turn-a: RESULT turn 100 207\nturn-b: RESULT turn 50 107\nturn-b: RESULT turn 200 307\nturn-a: RESULT turn 300 500\nturn-b: RESULT turn 350 600\n")
	assert.Len(t, all["a"], 2)
	assert.Len(t, all["b"], 3)
	assert.EqualValues(t, 7, switches(all["a"], all["b"]))
	assert.Zero(t, switches(all["a"], nil))
	assert.Len(t, turns("RESULT turn 1 2\r\n")[""], 1)
}
