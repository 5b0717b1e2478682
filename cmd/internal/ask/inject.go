package ask

import "perdure/partition/abi"

// Inject orders a fault of the hypervisor's own.
func Inject(c Caller, r abi.Injection) error {
	r.Header = abi.HeaderOf(&r)
	_, _, err := c.Call(abi.CallInject, r.Bytes(), abi.InjectOrder)
	return err
}

// Injected asks what has become of the faults ordered on a processor.
func Injected(c Caller, processor uint64) (r abi.Injection, err error) {
	r.Header, r.Processor = abi.HeaderOf(&r), processor
	_, _, err = c.Call(abi.CallInject, r.Bytes(), abi.InjectReport)
	return r, err
}
