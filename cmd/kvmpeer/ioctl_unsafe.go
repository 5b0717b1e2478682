package main

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// The KVM interface as Linux has it: include/uapi/linux/kvm.h.
const (
	createVM         = 0xae01
	getMmapSize      = 0xae04
	getSupportedCPU  = 0xc008ae05
	createVCPU       = 0xae41
	setUserMemory    = 0x4020ae46
	setTSSAddr       = 0xae47
	createIRQChip    = 0xae60
	irqLine          = 0x4008ae61
	setDeviceAttr    = 0x4018aee1
	runVCPU          = 0xae80
	setRegs          = 0x4090ae82
	getSregs         = 0x8138ae83
	setSregs         = 0x4138ae84
	setCPUID2        = 0x4008ae90
	exitIO           = 2
	exitMMIO         = 6
	exitInterrupted  = 10
	serialPort       = 0x3f8
	shutdownPort     = 0x8900
	sysFinitModule   = 313
	hugePages        = 14 // MADV_HUGEPAGE
	maxCPUIDEntries  = 128
	leaf1X2APIC      = 1 << 21
	leaf1TSCDeadline = 1 << 24
	leaf1Hypervisor  = 1 << 31
)

func ioctl(fd int, request, arg uintptr) (int, error) {
	r, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, arg)
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

// ioctlBytes passes a structure as its bytes.
func ioctlBytes(fd int, request uintptr, b []byte) error {
	// SAFETY: the kernel reads and writes only len(b) bytes, the size in the request.
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&b[0])))
	if e != 0 {
		return e
	}
	return nil
}

func finitModule(fd uintptr, args string) error {
	p, err := syscall.BytePtrFromString(args)
	if err != nil {
		return err
	}
	// SAFETY: p ends in a zero byte.
	if _, _, e := syscall.Syscall(sysFinitModule, fd, uintptr(unsafe.Pointer(p)), 0); e != 0 {
		return e
	}
	return nil
}

func deleteModule(name string) error {
	p, err := syscall.BytePtrFromString(name)
	if err != nil {
		return err
	}
	// SAFETY: p ends in a zero byte.
	if _, _, e := syscall.Syscall(syscall.SYS_DELETE_MODULE, uintptr(unsafe.Pointer(p)), syscall.O_NONBLOCK, 0); e != 0 {
		return fmt.Errorf("unload %s: %w", name, e)
	}
	return nil
}

// setMemory makes mem the guest's memory from address 0 on.
func setMemory(vm int, mem []byte) error {
	b := make([]byte, 32) // slot, flags, guest address, size, our address
	binary.LittleEndian.PutUint64(b[16:], uint64(len(mem)))
	// SAFETY: mem is a mapping that nobody ends.
	binary.LittleEndian.PutUint64(b[24:], uint64(uintptr(unsafe.Pointer(&mem[0]))))
	return ioctlBytes(vm, setUserMemory, b)
}

// copyCPUID gives the guest all that KVM can give, the x2APIC and the TSC-deadline
// timer of KVM's own interrupt controller, and says that there is a hypervisor.
func copyCPUID(kvm, vcpu int) error {
	b := make([]byte, 8+40*maxCPUIDEntries)
	le := binary.LittleEndian
	le.PutUint32(b, maxCPUIDEntries)
	if err := ioctlBytes(kvm, getSupportedCPU, b); err != nil {
		return err
	}
	for i := range int(le.Uint32(b)) {
		e := b[8+40*i:] // function, index, flags, EAX, EBX, ECX, EDX
		if le.Uint32(e) == 1 {
			le.PutUint32(e[20:], le.Uint32(e[20:])|leaf1X2APIC|leaf1TSCDeadline|leaf1Hypervisor)
		}
	}
	return ioctlBytes(vcpu, setCPUID2, b)
}

// raiseLine gives an edge on one interrupt line.
func raiseLine(vm int, line uint32) error {
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:], line)
	for _, level := range []byte{1, 0} {
		b[4] = level
		// SAFETY: the kernel reads the 8 bytes of the size in the request.
		if _, _, e := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(vm), irqLine, uintptr(unsafe.Pointer(&b[0]))); e != 0 {
			return e
		}
	}
	return nil
}

// transfer moves b from or to a file.
func transfer(call uintptr, fd int, b []byte, at int64) bool {
	if len(b) == 0 {
		return true
	}
	// SAFETY: the kernel reads or writes len(b) bytes.
	n, _, e := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(at), 0, 0)
	return e == 0 && n == uintptr(len(b))
}

// runOnce lets the guest run to its next exit. The Go runtime is not told of this
// nor of the other calls that a guest's thread makes, which is that guest's alone:
// what it does about threads in system calls it does every 20 µs, which is every
// thousand instructions of the emulated machine.
func runOnce(vcpu int) syscall.Errno {
	_, _, e := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(vcpu), runVCPU, 0)
	return e
}

// hostTime makes the guest's time-stamp counter the machine's: an offset of 0.
func hostTime(vcpu int) error {
	var offset uint64
	b := make([]byte, 24) // flags, group KVM_VCPU_TSC_CTRL, attribute KVM_VCPU_TSC_OFFSET, address
	// SAFETY: the kernel reads 8 bytes there before the call returns.
	binary.LittleEndian.PutUint64(b[16:], uint64(uintptr(unsafe.Pointer(&offset))))
	err := ioctlBytes(vcpu, setDeviceAttr, b)
	runtime.KeepAlive(&offset)
	return err
}

// start is how a processor begins, in 64-bit mode.
type start struct {
	entry, rsi, rsp, cr3 uint64
	gdt                  uint64
	gdtLimit             uint16
	cs, ds               uint16
}

// setRegisters puts the processor into 64-bit mode.
func setRegisters(vcpu int, at start) error {
	le := binary.LittleEndian
	s := make([]byte, 0x138)
	if err := ioctlBytes(vcpu, getSregs, s); err != nil {
		return err
	}
	segment := func(i int, selector uint16, kind, long, big byte) {
		d := s[24*i : 24*i+24] // base, limit, selector, type, present, dpl, db, s, l, g, avl, unusable
		le.PutUint64(d, 0)
		le.PutUint32(d[8:], 0xffffffff)
		le.PutUint16(d[12:], selector)
		copy(d[14:], []byte{kind, 1, 0, big, 1, long, 1, 0, 0})
	}
	segment(0, at.cs, 0xb, 1, 0) // CS
	for i := 1; i < 6; i++ {     // DS ES FS GS SS
		segment(i, at.ds, 3, 0, 1)
	}
	if at.gdt != 0 {
		gdtr := s[24*8:] // base, limit
		le.PutUint64(gdtr, at.gdt)
		le.PutUint16(gdtr[8:], at.gdtLimit)
	}
	control := s[24*8+2*16:] // behind eight segments and two tables: CR0 CR2 CR3 CR4 CR8 EFER
	le.PutUint64(control, 0x80000031)
	le.PutUint64(control[16:], at.cr3)
	le.PutUint64(control[24:], 0x620)
	le.PutUint64(control[40:], 0x500)
	if err := ioctlBytes(vcpu, setSregs, s); err != nil {
		return err
	}
	r := make([]byte, 0x90) // RAX RBX RCX RDX RSI RDI RSP RBP R8…R15 RIP RFLAGS
	le.PutUint64(r[4*8:], at.rsi)
	le.PutUint64(r[6*8:], at.rsp)
	le.PutUint64(r[16*8:], at.entry)
	le.PutUint64(r[17*8:], 2)
	return ioctlBytes(vcpu, setRegs, r)
}

// exit is what made KVM return to us, read from struct kvm_run.
type exit struct {
	reason uint32
	out    bool // of a port, or of memory
	size   int
	port   uint16
	offset uint64
	at     uint64 // guest-physical
}

func (v *VM) exit() exit {
	le := binary.LittleEndian
	if reason := le.Uint32(v.shared[8:]); reason != exitIO {
		return exit{reason: reason, out: v.shared[52] == 1, size: int(v.shared[48]), offset: 40, at: le.Uint64(v.shared[32:])}
	}
	return exit{
		reason: exitIO,
		out:    v.shared[32] == 1,
		size:   int(v.shared[33]),
		port:   le.Uint16(v.shared[34:]),
		offset: le.Uint64(v.shared[40:]),
	}
}

// address is where a mapping lies.
func address(b []byte) uintptr {
	// SAFETY: only the number is used.
	return uintptr(unsafe.Pointer(&b[0]))
}
