// Package proto is the conversation between hvrun and the root partition's
// first process.
//
// The one idea: a frame is one printable line with a checksum, so that the
// serial line may carry kernel messages and the hypervisor's log at the same
// time; what they damage is asked for again.
//
//	#hv KIND RUN SEQ BASE64 CRC32#
//
// RUN is the number of a command, from 1; it is 0 in frames that belong to no
// command.
//
// Host to root:
//
//	RUN    start a command; body = Command as JSON
//	AGAIN  send the command's frames from SEQ on once more
//	OFF    power the machine off
//	HELLO  no body: say HELLO; from a host that comes later than others
//
// Root to host:
//
//	HELLO  root is ready; body = Greeting as JSON
//	OUT    SEQ = 0, 1, 2 … within one command; body = output bytes
//	DONE   SEQ = the next one; body = Status as JSON; ends the command
//
// Root, or a guest, has started with "hvrun=1" on its kernel command line. It keeps the
// frames of its last command, to answer AGAIN. A RUN with the number of a
// command that root has or had already starts nothing: root answers it like
// AGAIN 0. So hvrun repeats RUN when no answer comes.
package proto

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strconv"
)

// A Kind says what a frame is for.
type Kind string

const (
	Hello Kind = "HELLO"
	Run   Kind = "RUN"
	Again Kind = "AGAIN"
	Off   Kind = "OFF"
	Out   Kind = "OUT"
	Done  Kind = "DONE"
)

// Version is the version of the conversation that this package speaks.
const Version = 1

// MaxBody is how much of a command's output one frame carries: small enough
// that a message in its midst costs little to repeat.
const MaxBody = 768

// Greeting is the body of HELLO.
type Greeting struct {
	Version int    `json:"version"`
	Kernel  string `json:"kernel"` // uname -r
	CPUs    int    `json:"cpus"`
	Last    int    `json:"last,omitempty"` // number of the last command, 0 if there was none
}

// Command is the body of RUN.
type Command struct {
	Args []string `json:"args"`
}

// Status is the body of DONE.
type Status struct {
	Exit  int    `json:"exit"`            // as a shell gives it: 128+n for signal n
	Error string `json:"error,omitempty"` // why the command did not start
}

// A Frame is one message.
type Frame struct {
	Kind Kind
	Run  int
	Seq  int
	Body []byte
}

// New makes a frame; a body that is not []byte is written as JSON.
func New(kind Kind, run, seq int, body any) Frame {
	f := Frame{Kind: kind, Run: run, Seq: seq}
	switch b := body.(type) {
	case nil:
	case []byte:
		f.Body = b
	default:
		f.Body, _ = json.Marshal(b) // the bodies of this package always can be
	}
	return f
}

// Line gives the frame as it goes over the wire, with its line ends: the one
// in front parts it from what others have left unfinished on the line.
func (f Frame) Line() []byte {
	text := fmt.Sprintf("%s %d %d %s", f.Kind, f.Run, f.Seq, base64.StdEncoding.EncodeToString(f.Body))
	return fmt.Appendf(nil, "\n#hv %s %08x#\n", text, crc32.ChecksumIEEE([]byte(text)))
}

// JSON reads a frame's body into v.
func (f Frame) JSON(v any) error {
	if err := json.Unmarshal(f.Body, v); err != nil {
		return fmt.Errorf("%s frame: %w", f.Kind, err)
	}
	return nil
}

var opening = []byte("#hv ")

// Parse looks for a frame anywhere in a line. Damaged ones are no frames.
func Parse(line []byte) (Frame, bool) {
	for {
		i := bytes.Index(line, opening)
		if i < 0 {
			return Frame{}, false
		}
		line = line[i+len(opening):]
		if end := bytes.IndexByte(line, '#'); end >= 0 {
			if f, ok := parse(line[:end]); ok {
				return f, true
			}
		}
	}
}

// parse reads what stands between a frame's two marks.
func parse(text []byte) (f Frame, ok bool) {
	parts := bytes.Split(text, []byte(" "))
	if len(parts) != 5 {
		return f, false
	}
	sum, err := strconv.ParseUint(string(parts[4]), 16, 32)
	summed := text[:len(text)-len(parts[4])-1]
	if err != nil || crc32.ChecksumIEEE(summed) != uint32(sum) {
		return f, false
	}
	f.Kind = Kind(parts[0])
	if f.Run, err = strconv.Atoi(string(parts[1])); err != nil {
		return f, false
	}
	if f.Seq, err = strconv.Atoi(string(parts[2])); err != nil {
		return f, false
	}
	f.Body, err = base64.StdEncoding.DecodeString(string(parts[3]))
	return f, err == nil
}
