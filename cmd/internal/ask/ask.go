// Package ask turns hypercalls into Go values.
//
// The one idea: whoever reads the hypervisor's state asks through one small
// interface, which a test answers as well as the hypervisor does.
package ask

import "perdure/partition/abi"

// Caller makes one call; call.Port is the real one.
type Caller interface {
	Call(n abi.Call, buf []byte, args ...uint64) (count, second uint64, err error)
}

// record asks for one record and decodes it.
func record(c Caller, n abi.Call, r abi.Record, args ...uint64) error {
	buf := make([]byte, len(r.Bytes()))
	count, _, err := c.Call(n, buf, args...)
	if err != nil {
		return err
	}
	if count > uint64(len(buf)) {
		return abi.ErrShort
	}
	_, err = abi.Decode(buf[:count], r, true)
	return err
}

// Info asks for the machine and the hypervisor as a whole.
func Info(c Caller) (r abi.Info, err error) {
	err = record(c, abi.CallInfo, &r)
	return r, err
}

// Processor asks for one physical processor.
func Processor(c Caller, index int) (r abi.Processor, err error) {
	err = record(c, abi.CallProcessor, &r, uint64(index))
	return r, err
}

// Counters asks for what a VP has done, or a whole partition for abi.AllVPs.
func Counters(c Caller, partition, vp uint32) (r abi.Counters, err error) {
	err = record(c, abi.CallCounters, &r, uint64(partition), uint64(vp))
	return r, err
}

// Lines asks for a partition's interrupt lines.
func Lines(c Caller, partition uint32) (r abi.Lines, err error) {
	err = record(c, abi.CallLines, &r, uint64(partition))
	return r, err
}

// Check asks how far the self check named request is; it begins it if it is new.
func Check(c Caller, request uint64) (r abi.Check, err error) {
	err = record(c, abi.CallCheck, &r, request)
	return r, err
}

// Partitions asks for all partitions.
func Partitions(c Caller) ([]abi.Partition, error) {
	var list []abi.Partition
	for {
		buf := make([]byte, abi.MaxBuffer)
		n, total, err := c.Call(abi.CallPartitions, buf, uint64(len(list)))
		if err != nil {
			return nil, err
		}
		for rest := buf[:min(n, abi.MaxBuffer)]; len(rest) > 0; {
			var p abi.Partition
			if rest, err = abi.Decode(rest, &p, false); err != nil {
				return nil, err
			}
			list = append(list, p)
		}
		if n == 0 || uint64(len(list)) >= total {
			return list, nil
		}
	}
}

// Log asks for log text from pos on. It returns the text, the position after it,
// and how many bytes before it were lost because the ring has moved on.
func Log(c Caller, pos uint64) (text []byte, next, lost uint64, err error) {
	buf := make([]byte, abi.MaxBuffer)
	n, next, err := c.Call(abi.CallLog, buf, pos)
	if err != nil {
		return nil, pos, 0, err
	}
	if n > abi.MaxBuffer || n > next {
		return nil, pos, 0, abi.ErrShort
	}
	if start := next - n; start > pos {
		lost = start - pos
	}
	return buf[:n], next, lost, nil
}

// Trace asks for a processor's trace entries from seq on. It returns them and the
// sequence after them.
func Trace(c Caller, processor int, seq uint64) ([]abi.TraceEntry, uint64, error) {
	buf := make([]byte, abi.MaxBuffer)
	n, next, err := c.Call(abi.CallTrace, buf, uint64(processor), seq)
	if err != nil {
		return nil, seq, err
	}
	if n > abi.MaxBuffer {
		return nil, seq, abi.ErrShort
	}
	return abi.DecodeTrace(buf[:n]), next, nil
}
