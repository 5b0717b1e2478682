package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// An event of an input device, as /dev/input/eventN gives it, is eventSize bytes:
// a time, a kind, a code and a value. linux/input.h, linux/input-event-codes.h.
const (
	eventSize = 24
	eventKey  = 1
	keyPower  = 116
)

// watchButtons switches the system off when somebody presses a power button: the
// case's, or the one that hvctl stop presses.
func watchButtons() {
	paths, _ := filepath.Glob("/dev/input/event*")
	for _, path := range paths {
		if f, err := os.Open(path); err == nil {
			go func() {
				defer f.Close()
				if waitForButton(f) {
					complain("the power button was pressed")
					unix.Kill(1, powerSignals["poweroff"])
				}
			}()
		}
	}
}

// waitForButton reports whether the power button is pressed before the events end.
func waitForButton(events io.Reader) bool {
	var e [eventSize]byte
	for {
		if _, err := io.ReadFull(events, e[:]); err != nil {
			return false
		}
		pressed := binary.LittleEndian.AppendUint16(nil, eventKey)
		pressed = binary.LittleEndian.AppendUint16(pressed, keyPower)
		pressed = binary.LittleEndian.AppendUint32(pressed, 1)
		if bytes.Equal(e[16:], pressed) {
			return true
		}
	}
}
