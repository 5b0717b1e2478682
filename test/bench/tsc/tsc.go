// Package tsc reads the time-stamp counter.
//
// The one idea: in an emulator that counts one tick for each instruction, this
// is the number of instructions that the machine has executed.
package tsc

// Read returns the time-stamp counter.
func Read() uint64

// StampAt is where a stamped kernel's zero page has the time of its beginning:
// in padding of struct boot_params.
const StampAt = 0x78
