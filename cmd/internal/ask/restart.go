package ask

import "perdure/partition/abi"

// RestartBegin asks for a hot restart by an image of size bytes and returns its
// number.
func RestartBegin(c Caller, size, flags, budget, weight uint64) (number uint64, err error) {
	number, _, err = c.Call(abi.CallRestart, nil, uint64(abi.RestartBegin), size, flags, budget, weight)
	return number, err
}

// RestartLoad gives it the image, and tells each time how many bytes are there.
func RestartLoad(c Caller, file []byte, done func(n int)) error {
	for at := 0; at < len(file); {
		n, _, err := c.Call(abi.CallRestart, file[at:min(len(file), at+abi.MaxLoad)], uint64(abi.RestartLoad), uint64(at))
		if err != nil {
			return err
		}
		if n == 0 || n > uint64(len(file)-at) {
			return abi.ErrShort
		}
		at += int(n)
		done(int(n))
	}
	return nil
}

// RestartGo lets it begin.
func RestartGo(c Caller) error {
	_, _, err := c.Call(abi.CallRestart, nil, uint64(abi.RestartGo))
	return err
}

// RestartAbort drops it, if it has not handed over.
func RestartAbort(c Caller) error {
	_, _, err := c.Call(abi.CallRestart, nil, uint64(abi.RestartAbort))
	return err
}

// Restart asks for the report of the hot restart that is under way, or of the
// last one.
func Restart(c Caller) (r abi.Restart, err error) {
	err = record(c, abi.CallRestart, &r, uint64(abi.RestartReport))
	return r, err
}
