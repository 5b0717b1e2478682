package partition

import (
	"perdure/kernel/x86"
	"perdure/mm/kept"
	"perdure/partition/abi"
	"perdure/vmx"
)

// newBitmaps gives p bitmaps of MSRs and ports. What every partition has without an
// exit is open in them, all else is closed.
func (p *Partition) newBitmaps() (*vmx.MSRBitmap, *vmx.IOBitmap, error) {
	m, err := kept.Page(p.keptOwner())
	if err != nil {
		return nil, nil, err
	}
	i, err := kept.Pages(p.keptOwner(), 2)
	if err != nil {
		return nil, nil, err
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
	io.DenyAll()
	return msr, io, nil
}

// rootBitmaps says which MSRs and ports root has without an exit.
func (p *Partition) rootBitmaps() error {
	msr, io, err := p.newBitmaps()
	if err != nil {
		return err
	}
	for _, n := range rootMSRs {
		if hasMSR(n) {
			msr.Allow(n)
		}
	}
	io.Allow(0, 0xffff)
	io.Deny(serialPort, serialPort+7)
	for _, port := range []uint16{0x20, 0xa0, 0x4d0} { // the 8259s
		io.Deny(port, port+1)
	}
	if tab.Host.NMILine != 0 {
		io.Deny(timerData, timerData)
		io.Deny(timerControl, timerControl)
	}
	io.Deny(abi.Port, abi.Port+abi.PortWidth-1)
	for _, port := range []uint64{tab.Host.PM1a, tab.Host.PM1b} {
		if port != 0 {
			io.Deny(uint16(port), uint16(port)+1)
		}
	}
	return nil
}

// guestBitmaps says which MSRs and ports a guest has without an exit: of ports,
// only the one that nobody answers and that kernels write to wait a little.
func (p *Partition) guestBitmaps() error {
	_, io, err := p.newBitmaps()
	if err == nil {
		io.Allow(0x80, 0x80)
	}
	return err
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
