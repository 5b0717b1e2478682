package call

import (
	"errors"
	"testing"

	"perdure/partition/abi"
)

// Without the port the processor refuses the OUT, and that is an error and not
// the end of the process.
func TestRefusedWithoutPort(t *testing.T) {
	if err := Do(&Regs{AX: abi.Word(abi.CallNull)}); !errors.Is(err, ErrPort) {
		t.Errorf("got %v, want %v", err, ErrPort)
	}
}

func TestNotUnderPerdure(t *testing.T) {
	if Here() {
		t.Skip("this machine runs on Perdure")
	}
	if _, err := Open(); !errors.Is(err, ErrNotHere) {
		t.Errorf("got %v, want %v", err, ErrNotHere)
	}
}

func TestTooManyArguments(t *testing.T) {
	if _, _, err := (Port{}).Call(abi.CallNull, make([]byte, 1), 1, 2, 3, 4, 5); err != abi.ErrArgument {
		t.Errorf("five arguments and a buffer: %v", err)
	}
}

// What a call sends survives the touching of its pages.
func TestTouchChangesNothing(t *testing.T) {
	b := make([]byte, 10000)
	for i := range b {
		b[i] = byte(i)
	}
	touch(b)
	for i := range b {
		if b[i] != byte(i) {
			t.Fatalf("byte %d was changed", i)
		}
	}
}
