package emu

import (
	"bytes"
	"os"
)

// HostHasVMX says whether QEMU can give a guest VT-x here: the processor shows
// it, KVM passes it on, and we may use KVM.
func HostHasVMX() bool {
	info, _ := os.ReadFile("/proc/cpuinfo")
	nested, _ := os.ReadFile("/sys/module/kvm_intel/parameters/nested")
	if !bytes.Contains(info, []byte(" vmx ")) || !bytes.ContainsAny(nested, "Y1") {
		return false
	}
	kvm, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	kvm.Close()
	return true
}
