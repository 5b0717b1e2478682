package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition/abi"
)

// bitmaps says which MSRs and ports root has without an exit.
func (p *Partition) bitmaps() error {
	owner := kept.Owner(p.ID + 1)
	m, err := kept.Page(owner)
	if err != nil {
		return err
	}
	i, err := kept.Pages(owner, 2)
	if err != nil {
		return err
	}
	p.MSRBits, p.IOBits = uint64(m), uint64(i)
	msr, io := msrBitmap(m), ioBitmap(i)
	msr.DenyAll()
	for _, n := range passMSRs {
		msr.Allow(n)
	}
	for _, n := range readMSRs {
		msr.AllowRead(n)
	}
	for _, n := range rootMSRs {
		if hasMSR(n) {
			msr.Allow(n)
		}
	}
	io.DenyAll()
	io.Allow(0, 0xffff)
	io.Deny(serialPort, serialPort+7)
	for _, port := range []uint16{0x20, 0xa0, 0x4d0} { // the 8259s
		io.Deny(port, port+1)
	}
	io.Deny(abi.Port, abi.Port+abi.PortWidth-1)
	for _, port := range []uint64{tab.Host.PM1a, tab.Host.PM1b} {
		if port != 0 {
			io.Deny(uint16(port), uint16(port)+1)
		}
	}
	return nil
}

// hasMSR reports whether the processor has a register of rootMSRs. Two of them
// can only be written; they come with those that can be read.
func hasMSR(n x86.MSR) bool {
	if n == x86.MSRPredCmd {
		n = x86.MSRSpecCtrl
	}
	_, ok := x86.RDMSRSafe(n)
	return ok
}
