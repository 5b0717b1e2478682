package fake

import "perdure/partition/abi"

// resets answers for two recoveries.
func (m *Machine) resets(buf []byte, number uint64) (uint64, uint64, error) {
	if number > 2 {
		return 0, 0, abi.ErrNone
	}
	r := abi.Reset{Number: 2, Cause: abi.CauseHang, Rung: abi.RungReset, Reason: abi.ReasonVolatile, Processor: 1, Partition: abi.NoPartition,
		Noticed: 5000, Began: 5100, Repaired: 6000, Tries: 1, At: 0x40001234}
	if number == 1 {
		r.Number, r.Cause, r.Processor, r.Partition, r.Exit, r.RIP, r.Fault = 1, abi.CauseException, 0, 0, 10, 0x401000, 4000
	}
	r.Back[0], r.Back[1] = 7000, 7500
	r.Header = abi.HeaderOf(&r)
	return uint64(copy(buf, r.Bytes())), 0, nil
}
