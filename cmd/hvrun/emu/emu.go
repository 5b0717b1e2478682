// Package emu runs an emulated machine with VT-x: Bochs, or QEMU where the host
// can nest.
//
// The one idea: a machine is a process with one serial line, and it ends with
// an Outcome that says which of the ways to end it was.
package emu

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A Kind is an emulator.
type Kind string

const (
	Auto    Kind = "auto"     // QEMUKVM where the host can nest VT-x, else Bochs
	Bochs   Kind = "bochs"    // VT-x in software; counts instructions
	QEMUKVM Kind = "qemu-kvm" // VT-x of the host, nested
	QEMUTCG Kind = "qemu-tcg" // no VT-x: shows what we say then
)

// Resolve replaces Auto.
func (k Kind) Resolve() Kind {
	if k != Auto && k != "" {
		return k
	}
	if HostHasVMX() {
		return QEMUKVM
	}
	return Bochs
}

// A Config describes a machine.
type Config struct {
	Kind     Kind
	CPUs     int
	Memory   int      // MiB
	CPUModel string   // as the emulator names it; empty: a good one
	MWAIT    bool     // the processors have it: Bochs is then slow while several are idle, but KVM wants it
	Without  []string // features of that model that the processors lack, as the emulator names them
	UEFI     bool
	BootDisk string
	Disks    []string // after the boot disk
	Net      Net
	Dir      string    // for logs; must exist
	Debug    io.Writer // gets what the machine writes to port 0xe9; Bochs alone has it
	Forks    bool      // it stops when it writes 5 there, and Fork makes copies of it that go on; Bochs alone can
}

// Net is the network that the machine's e1000 card is on.
type Net struct {
	Mode string // "": no card; "slirp": the emulator's own small network; "socket": raw frames in UDP datagrams on loopback
	Port int    // for socket: the machine's port; its peer has the next one
}

// An Outcome says how a machine ended.
type Outcome string

const (
	PoweredOff  Outcome = "powered off"
	Rebooted    Outcome = "rebooted"
	TripleFault Outcome = "triple fault"
	Crashed     Outcome = "emulator failed" // not the guest's doing, or beyond what the emulator knows
	Stopped     Outcome = "stopped"         // by us, as wanted
	TimedOut    Outcome = "timed out"
)

// A Result is all that is known when a machine has ended.
type Result struct {
	Outcome      Outcome
	Instructions uint64 // executed by each processor since power-on; 0 if the emulator does not count
	Seconds      float64
	Report       string // what the emulator said about the end: registers, its last error
}

// A Machine is running, or has ended.
type Machine struct {
	Serial net.Conn

	cmd   *exec.Cmd
	start time.Time
	log   watcher
	done  chan struct{}

	mu     sync.Mutex
	wanted Outcome // why we are ending it; "": it ends by itself
	result Result
}

// A watcher follows what one kind of emulator prints.
type watcher interface {
	io.Writer
	// early tells an outcome that the emulator does not end by itself at.
	early() <-chan Outcome
	// interrupt asks the emulator to end, telling as much as it can.
	interrupt(p *os.Process)
	// result is asked for after the end.
	result() Result
}

// Start starts a machine; it begins to run when the serial line is connected,
// which is before Start returns.
func Start(c Config) (*Machine, error) {
	line, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer line.Close()
	port := line.Addr().(*net.TCPAddr).Port

	m := &Machine{done: make(chan struct{}), start: time.Now()}
	switch c.Kind.Resolve() {
	case Bochs:
		m.cmd, m.log, err = bochs(c, port)
	case QEMUKVM, QEMUTCG:
		m.cmd, m.log, err = qemu(c, port)
	default:
		err = fmt.Errorf("no emulator is called %q (auto, bochs, qemu-kvm, qemu-tcg)", c.Kind)
	}
	if err != nil {
		return nil, err
	}
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL} // Ctrl-C is ours to handle
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	for _, f := range m.cmd.ExtraFiles {
		f.Close() // the process has it
	}
	go m.reap()
	if err := m.connect(line); err != nil {
		m.end(Crashed)
		<-m.done
		return nil, fmt.Errorf("%w\n%s", err, m.result.Report)
	}
	go func() {
		select {
		case o := <-m.log.early():
			m.end(o)
		case <-m.done:
		}
	}()
	return m, nil
}

// connect waits for the emulator to call.
func (m *Machine) connect(line net.Listener) error {
	go func() {
		select {
		case <-m.done:
		case <-time.After(30 * time.Second):
		}
		line.Close()
	}()
	conn, err := line.Accept()
	if err != nil {
		return errors.New("the emulator did not start")
	}
	m.Serial = conn
	return nil
}

// reap waits for the process to end and settles the result.
func (m *Machine) reap() {
	m.cmd.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.result = m.log.result()
	m.result.Seconds = time.Since(m.start).Seconds()
	if m.wanted != "" {
		m.result.Outcome = m.wanted
	}
	close(m.done)
}

// end asks the process to go, and makes it go if it does not.
func (m *Machine) end(why Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wanted != "" || m.ended() {
		return
	}
	m.wanted = why
	m.log.interrupt(m.cmd.Process)
	go func() {
		select {
		case <-m.done:
		case <-time.After(5 * time.Second):
			m.cmd.Process.Kill()
		}
	}()
}

func (m *Machine) ended() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
	}
}

// Done is closed when the machine has ended.
func (m *Machine) Done() <-chan struct{} { return m.done }

// Wait waits for the end.
func (m *Machine) Wait() Result {
	<-m.done
	return m.result
}

// Stop ends the machine because all is done.
func (m *Machine) Stop() Result { m.end(Stopped); return m.Wait() }

// GiveUp ends the machine because it takes too long; the result's report has
// its registers.
func (m *Machine) GiveUp() Result { m.end(TimedOut); return m.Wait() }
