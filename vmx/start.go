package vmx

import (
	"errors"

	"perdure/kernel/x86"
	"perdure/mm/addr"
)

// Caps are the capabilities of the first processor that Start ran on; the
// others must be like it.
var Caps Capabilities

// Start makes the running processor ready to run guests: VMX operation is
// allowed by the firmware, has all that is needed, and is on. region is a kept
// page of this processor's own, which stays its VMXON region for good.
//
// SDM Vol. 3C, "Enabling and Entering VMX Operation".
func Start(region addr.HPA) error {
	if err := usable(); err != nil {
		return err
	}
	c, err := learn()
	if err != nil {
		return err
	}
	x86.WriteCR0((x86.ReadCR0() | c.CR0Fixed0) & (c.CR0Fixed1 | 0xffffffff<<32))
	x86.WriteCR4(x86.ReadCR4() | c.CR4Fixed0)
	if bad := x86.ReadCR4() &^ c.CR4Fixed1; bad != 0 {
		return errors.New("vmx: CR4 has bits that VMX operation does not allow")
	}
	setRevision(region, c.Revision)
	if f := vmxon(uint64(region)); f != 0 {
		return failure("VMXON", f)
	}
	InvalidateAll()
	return nil
}

// Learn finds out what the processor can do, without turning anything on: for an
// instance that will be given processors which run guests already.
func Learn() error {
	_, err := learn()
	return err
}

// learn reads the capabilities, which must be the same on all processors.
func learn() (c Capabilities, err error) {
	c.read(x86.RDMSR)
	if err := c.check(); err != nil {
		return c, err
	}
	if Caps.Basic == 0 {
		Caps = c
		noteHost()
	} else if Caps != c {
		return c, errors.New("vmx: this processor's VT-x differs from the first one's")
	}
	return c, nil
}

// usable looks at what must hold before a VMX capability MSR can be read.
func usable() error {
	if !x86.Has(x86.FeatureVMX) {
		return errors.New("vmx: this processor has no VT-x, or its firmware hides it")
	}
	v := x86.RDMSR(x86.MSRFeatureControl)
	next, err := featureControl(v)
	if err != nil {
		return err
	}
	if next != v {
		x86.WRMSR(x86.MSRFeatureControl, next)
	}
	return nil
}

// featureControl returns what IA32_FEATURE_CONTROL must be made, given what it is.
func featureControl(v uint64) (uint64, error) {
	switch {
	case v&x86.FeatureControlLocked == 0:
		return v | x86.FeatureControlLocked | x86.FeatureControlVMXOutside, nil
	case v&x86.FeatureControlVMXOutside == 0:
		return v, errors.New("vmx: VT-x is locked off; enable VT-x (Intel Virtualization Technology) in the firmware's setup and power-cycle the machine")
	}
	return v, nil
}

// Stop ends VMX operation on the running processor, all of whose VMCSs were
// given up by Clear.
func Stop() error {
	if f := vmxoff(); f != 0 {
		return failure("VMXOFF", f)
	}
	x86.WriteCR4(x86.ReadCR4() &^ x86.CR4VMXE)
	return nil
}
