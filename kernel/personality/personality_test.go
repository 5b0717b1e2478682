package personality

import (
	"testing"
	"unsafe"
)

// desk is a fake machine: one processor that the test steers.
type desk struct {
	now      uint64
	cpu      uint64
	fs       uint64
	notified []uint64 // reasons
	relax    func()   // what happens while a processor waits
	stack    [4096]uint64
}

// sit gives the personality a fresh state and d's machine.
func sit(t *testing.T) *desk {
	d := &desk{}
	threads, current, idle = [MaxThreads]Thread{}, [Processors]uint64{}, [Processors]uint32{}
	tickets, serving, used, turns, nareas, events = 0, 0, 0, 0, 0, 0
	actions, FPU = [64][4]uint64{}, [Processors]uint64{}
	Processor = func() uint64 { return d.cpu }
	Now = func() uint64 { return d.now }
	SetFS = func(v uint64) { d.fs = v }
	Notify = func(_, why uint64) { d.notified = append(d.notified, why) }
	Back = func(uintptr, bool) bool { return true }
	Relax = func() {
		if d.relax == nil {
			t.Fatal("waits for ever")
		}
		d.relax()
	}
	First(0x1000)
	return d
}

// call makes the running thread do a system call and returns the frame that the
// processor goes on with.
func call(n uint64, args ...uint64) Frame {
	fr := Frame{RAX: n, Kind: KindCall, RIP: 0x40001000, RSP: 0x7000}
	for i, a := range args {
		*[]*uint64{&fr.RDI, &fr.RSI, &fr.RDX, &fr.R10, &fr.R8, &fr.R9}[i] = a
	}
	Call(&fr)
	return fr
}

func at64[T any](p *T) uint64 { return uint64(uintptr(unsafe.Pointer(p))) }

// spawn makes a thread beside the running one; the monitor has to come first.
func spawn(t *testing.T, fs uint64) uint64 {
	if used == 1 {
		call(sysClone, 0, 0x8000, 0, 0, 0x2000)
		if threads[1].State != Never {
			t.Fatalf("the first clone is %d, want never to run", threads[1].State)
		}
	}
	return call(sysClone, 0, 0x9000, 0, 0, fs).RAX
}

func TestFutexSwitchesThreads(t *testing.T) {
	d := sit(t)
	tid := spawn(t, 0x3000)
	word := new(uint32)
	*word = 7
	if fr := call(sysFutex, at64(word), 128, 6); fr.RAX != errno(eAgain) || fr.Kind != KindCall {
		t.Fatalf("a wait for another value: %d", int64(fr.RAX))
	}
	fr := call(sysFutex, at64(word), 128, 7) // blocks: the new thread runs
	if fr.Kind != KindReturn || fr.RAX != 0 || fr.RSP != 0x9000 || d.fs != 0x3000 {
		t.Fatalf("the new thread's frame: %+v, FS %#x", fr, d.fs)
	}
	if got := call(sysGettid).RAX; got != tid {
		t.Errorf("gettid %d, want %d", got, tid)
	}
	if got := call(sysFutex, at64(word), 129, 5).RAX; got != 1 {
		t.Errorf("woke %d, want 1", got)
	}
	if len(d.notified) == 0 || d.notified[len(d.notified)-1] != WhyThread {
		t.Errorf("no processor was told of the thread that waits: %v", d.notified)
	}
	d.relax = func() {}
	if fr := call(sysYield); fr.RSP != 0x7000 || fr.RAX != 0 || d.fs != 0x1000 {
		t.Errorf("after yield: %+v, FS %#x", fr, d.fs)
	}
}

func TestWaitsEnd(t *testing.T) {
	d := sit(t)
	word := new(uint32)
	span := [2]uint64{0, 5000}
	d.relax = func() { d.now += 1000 }
	if fr := call(sysFutex, at64(word), 128, 0, at64(&span)); fr.RAX != errno(eTimedOut) || d.now < 5000 {
		t.Errorf("futex: %d at %d", int64(fr.RAX), d.now)
	}
	d.now = 0
	if fr := call(sysNanosleep, at64(&span)); fr.RAX != 0 || d.now < 5000 {
		t.Errorf("nanosleep: %d at %d", int64(fr.RAX), d.now)
	}
	d.now = 0
	var event [2]uint64
	if fr := call(sysEpollPwait, fdPoll, at64(&event), 1, 2); fr.RAX != 0 || d.now < 2e6 {
		t.Errorf("epoll: %d at %d", int64(fr.RAX), d.now)
	}
	call(sysWrite, fdEvent, at64(&event), 8)
	if fr := call(sysEpollPwait, fdPoll, at64(&event), 1, ^uint64(0)); fr.RAX != 1 || uint32(event[0]) != 1 {
		t.Errorf("epoll after a write: %d, %#x", int64(fr.RAX), event)
	}
}

// TestNoSignalIsLost sends the preemption signal to a thread that runs, that
// waits, and that has it masked. The runtime sends no second one.
func TestNoSignalIsLost(t *testing.T) {
	d := sit(t)
	act := [4]uint64{0x4000beef, 0, 0x4000feed, ^uint64(0)}
	call(sysSigaction, SIGURG, at64(&act), 0, 8)
	alt := [3]uint64{at64(&d.stack), 0, uint64(unsafe.Sizeof(d.stack))}
	call(sysSigaltstack, at64(&alt), 0)

	fr := call(sysTgkill, 1, 1, SIGURG)
	if fr.RIP != act[0] || fr.RDI != SIGURG || fr.Kind != KindReturn || ld64(fr.RSP) != act[2] {
		t.Fatalf("to the running thread: %+v", fr)
	}
	if d.notified[len(d.notified)-1] != WhySignal {
		t.Error("nobody was notified")
	}
	// The handler returns; while it ran, the signal was masked and a new one waits.
	call(sysTgkill, 1, 1, SIGURG)
	back := Frame{RAX: sysSigreturn, Kind: KindCall, RSP: fr.RSP + 8}
	Call(&back)
	if back.RIP != act[0] {
		t.Fatalf("the second one was lost: %+v", back)
	}
	last := Frame{RAX: sysSigreturn, Kind: KindCall, RSP: back.RSP + 8}
	Call(&last)
	if last.RIP != 0x40001000 || last.RSP != 0x7000 || last.RAX != 0 || last.Kind != KindReturn || threads[0].mask != 0 {
		t.Errorf("what was interrupted: %+v, mask %#x", last, threads[0].mask)
	}

	block := uint64(1 << (SIGURG - 1))
	call(sysSigprocmask, 0, at64(&block), 0, 8)
	if fr := call(sysTgkill, 1, 1, SIGURG); fr.RIP == act[0] {
		t.Error("a masked signal was delivered")
	}
	if fr := call(sysSigprocmask, 1, at64(&block), 0, 8); fr.RIP != act[0] {
		t.Error("the signal was lost behind the mask")
	}
}

// TestSignalCarriesRegisters wants every register back after a fault's signal.
func TestSignalCarriesRegisters(t *testing.T) {
	d := sit(t)
	act := [4]uint64{0x4000beef, 0, 0x4000feed, 0}
	call(sysSigaction, SIGSEGV, at64(&act), 0, 8)
	alt := [3]uint64{at64(&d.stack), 0, uint64(unsafe.Sizeof(d.stack))}
	call(sysSigaltstack, at64(&alt), 0)
	in := Frame{R15: 15, R14: 14, R13: 13, R12: 12, R11: 11, R10: 10, R9: 9, R8: 8, RBP: 7, RDI: 6, RSI: 5, RDX: 4, RCX: 3, RBX: 2, RAX: 1,
		Kind: 14, Err: 2, RIP: 0x40001234, RFLAGS: 0x202, RSP: 0xc000001000}
	fr := in
	var fx [64]uint64
	fx[20] = 0x1234567
	if !Signal(&fr, at64(&fx), SIGSEGV, CodeFault, 0x10) {
		t.Fatal("refused")
	}
	if info := fr.RSI; uint32(ld64(info)) != SIGSEGV || ld64(info+16) != 0x10 {
		t.Errorf("siginfo %d, address %#x", ld64(info), ld64(info+16))
	}
	back := Frame{RAX: sysSigreturn, Kind: KindCall, RSP: fr.RSP + 8}
	Call(&back)
	in.Kind, in.Err = KindReturn, 0
	if back != in {
		t.Errorf("\n got %+v\nwant %+v", back, in)
	}
	if area := FPU[0]; area&15 != 0 || ld64(area+160) != 0x1234567 {
		t.Errorf("floating-point state at %#x", area)
	}
	threads[0].mask = 1 << (SIGSEGV - 1)
	if Signal(&fr, 0, SIGSEGV, 0, 0) {
		t.Error("a fault inside its own handler was delivered again")
	}
}

func TestMemory(t *testing.T) {
	sit(t)
	HeapStart, HeapEnd = 0xc000000000, 0xc000800000
	const rw = 3
	if got := call(sysMmap, 0xc000000000, 64<<20, 0).RAX; got != 0xc000000000 || Usable(0xc000000000) {
		t.Errorf("a reservation: %#x, usable %v", got, Usable(0xc000000000))
	}
	call(sysMmap, 0xc000000000, 4<<20, rw)
	call(sysMmap, 0xc000400000, 4<<20, rw)
	if v, ok := AreaAt(0); !ok || v != (Area{0xc000000000, 0xc000800000}) || nareas != 1 {
		t.Errorf("areas %v", areas[:nareas])
	}
	if got := call(sysMmap, 0xc000800000, 4<<20, rw).RAX; got != errno(eNoMem) {
		t.Errorf("beyond the heap's end: %#x", got)
	}
	a := call(sysMmap, 0, 8192, rw).RAX
	b := call(sysMmap, 0, 8192, rw).RAX
	if a == b || !Usable(a+8191) || Usable(a+8192) || Usable(0x10) {
		t.Errorf("%#x and %#x", a, b)
	}
	var cleared []uintptr
	Clear = func(va uintptr) { cleared = append(cleared, va) }
	call(sysMadvise, a, 8192, 4)
	call(sysMadvise, a, 8192, 8)
	if len(cleared) != 2 {
		t.Errorf("cleared %#x, want the two pages of MADV_DONTNEED", cleared)
	}
}

func TestUnknownCall(t *testing.T) {
	sit(t)
	Unknown = 0
	if got := call(999).RAX; got != errno(eNoSys) || Unknown != 1 || LastUnknown != 999 {
		t.Errorf("%d, %d unknown, last %d", int64(got), Unknown, LastUnknown)
	}
}
