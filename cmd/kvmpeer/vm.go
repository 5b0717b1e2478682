package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"syscall"
)

// probeMemory is the probe's memory, from address 0 on.
const probeMemory = 64 << 20

// Where the guest's first page tables lie; it makes its own at once.
const (
	zeroPage = 0x8000
	pml4At   = 0x10000
	pdptAt   = 0x11000 // and the four page directories behind it
)

// A VM is a partition of KVM's with one processor and KVM's own interrupt
// controllers and timer.
type VM struct {
	kvm, vm, vcpu int
	mem           []byte
	mapping       []byte // that mem lies in
	shared        []byte // struct kvm_run
}

func newVM(memory int) (*VM, error) {
	v := &VM{}
	var err error
	if v.kvm, err = syscall.Open("/dev/kvm", syscall.O_RDWR|syscall.O_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("open /dev/kvm: %w", err)
	}
	if v.vm, err = ioctl(v.kvm, createVM, 0); err != nil {
		return nil, fmt.Errorf("create VM: %w", err)
	}
	if _, err = ioctl(v.vm, setTSSAddr, 0xfffbd000); err != nil {
		return nil, fmt.Errorf("set TSS address: %w", err)
	}
	if _, err = ioctl(v.vm, createIRQChip, 0); err != nil {
		return nil, fmt.Errorf("create interrupt controllers: %w", err)
	}
	if err = v.mapMemory(memory); err != nil {
		return nil, fmt.Errorf("map guest memory: %w", err)
	}
	if err = setMemory(v.vm, v.mem); err != nil {
		return nil, fmt.Errorf("set guest memory: %w", err)
	}
	if v.vcpu, err = ioctl(v.vm, createVCPU, 0); err != nil {
		return nil, fmt.Errorf("create VCPU: %w", err)
	}
	n, err := ioctl(v.kvm, getMmapSize, 0)
	if err != nil {
		return nil, fmt.Errorf("size of the shared page: %w", err)
	}
	if v.shared, err = syscall.Mmap(v.vcpu, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED); err != nil {
		return nil, fmt.Errorf("map the shared page: %w", err)
	}
	if err = copyCPUID(v.kvm, v.vcpu); err != nil {
		return nil, fmt.Errorf("CPUID: %w", err)
	}
	return v, nil
}

// load copies a guest kernel's segments into the guest and returns its entry.
func (v *VM) load(name string) (entry uint64, err error) {
	f, err := elf.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		if p.Paddr+p.Memsz > uint64(len(v.mem)) {
			return 0, fmt.Errorf("%s does not fit into the guest", name)
		}
		if _, err := io.ReadFull(p.Open(), v.mem[p.Paddr:p.Paddr+p.Filesz]); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return f.Entry, nil
}

// longMode readies the processor as the Linux 64-bit boot protocol wants it: the
// first 4 GiB identity-mapped, flat segments, RSI = zero page.
func (v *VM) longMode(entry uint64) error {
	put := binary.LittleEndian.PutUint64
	put(v.mem[pml4At:], pdptAt|3)
	for i := range uint64(4) {
		pd := pdptAt + (i+1)<<12
		put(v.mem[pdptAt+i*8:], pd|3)
		for j := range uint64(512) {
			put(v.mem[pd+j*8:], (i<<9|j)<<21|0x83)
		}
	}
	return setRegisters(v.vcpu, start{entry: entry, rsi: zeroPage, cr3: pml4At, cs: 8, ds: 0x10})
}

// run lets the guest run until it says that it is done. It prints what the guest
// writes to its serial port.
func (v *VM) run(console io.Writer) error {
	done := 0
	for {
		if err := runOnce(v.vcpu); err == syscall.EINTR {
			continue
		} else if err != 0 {
			return fmt.Errorf("run: %w", err)
		}
		switch x := v.exit(); {
		case x.reason == exitIO && x.out && x.port == serialPort:
			if _, err := console.Write(v.shared[x.offset : x.offset+1]); err != nil {
				return err
			}
		case x.reason == exitIO && x.out && x.port == shutdownPort:
			if done++; done == len("Shutdown") {
				return nil
			}
		case x.reason == exitIO && !x.out && x.port == serialPort+5:
			v.shared[x.offset] = 0x60 // transmitter empty
		case x.reason == exitIO:
		default:
			return fmt.Errorf("unexpected exit %d", x.reason)
		}
	}
}

// mapMemory maps memory that is present before the guest runs, in large pages if
// the kernel has them: it begins at a multiple of their size.
func (v *VM) mapMemory(size int) error {
	const large = 2 << 20
	var err error
	v.mapping, err = syscall.Mmap(-1, 0, size+large, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	skip := int(-address(v.mapping) & (large - 1))
	v.mem = v.mapping[skip : skip+size : skip+size]
	_ = syscall.Madvise(v.mem, hugePages) // without them it runs too
	for i := 0; i < size; i += 4096 {
		v.mem[i] = 0
	}
	return nil
}

// close gives the VM and its memory back.
func (v *VM) close() {
	_ = syscall.Munmap(v.shared)
	for _, fd := range []int{v.vcpu, v.vm, v.kvm} {
		_ = syscall.Close(fd)
	}
	_ = syscall.Munmap(v.mapping)
}
