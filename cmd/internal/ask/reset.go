package ask

import "perdure/partition/abi"

// Reset asks for one recovery by its number, 0: the last one.
func Reset(c Caller, number uint64) (r abi.Reset, err error) {
	err = record(c, abi.CallResets, &r, number)
	return r, err
}

// Resets asks for the recoveries that are remembered, the oldest first.
func Resets(c Caller) (list []abi.Reset, err error) {
	last, err := Reset(c, 0)
	if err == abi.ErrNone {
		return nil, nil // there was none
	}
	if err != nil {
		return nil, err
	}
	list = append(list, last)
	for n := last.Number - 1; n > 0; n-- {
		r, err := Reset(c, n)
		if err == abi.ErrNone {
			break
		}
		if err != nil {
			return nil, err
		}
		list = append([]abi.Reset{r}, list...)
	}
	return list, nil
}
