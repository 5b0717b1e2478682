package emu

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// qemu prepares QEMU, with VT-x by nesting or without.
func qemu(c Config, serial int) (*exec.Cmd, watcher, error) {
	args, err := qemuArgs(c, serial)
	if err != nil {
		return nil, nil, err
	}
	log, err := os.Create(filepath.Join(c.Dir, "qemu.log"))
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command("qemu-system-x86_64", args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	w := &qemuLog{file: log, control: in, ends: make(chan Outcome, 1)}
	cmd.Stdout, cmd.Stderr = w, log
	io.WriteString(in, `{"execute":"qmp_capabilities"}`+"\n")
	return cmd, w, nil
}

func qemuArgs(c Config, serial int) ([]string, error) {
	args := []string{
		"-nodefaults", "-display", "none", "-vga", "std", "-qmp", "stdio", "-no-reboot",
		"-machine", "pc", "-smp", strconv.Itoa(max(1, c.CPUs)), "-m", strconv.Itoa(c.Memory),
		"-chardev", fmt.Sprintf("socket,id=com1,host=127.0.0.1,port=%d", serial), "-serial", "chardev:com1",
	}
	model := c.CPUModel
	if c.Kind.Resolve() == QEMUKVM {
		if model == "" {
			model = "host"
		}
		args = append(args, "-accel", "kvm")
	} else {
		if model == "" {
			model = "max"
		}
		args = append(args, "-accel", "tcg", "-d", "cpu_reset", "-D", filepath.Join(c.Dir, "qemu-cpu.log"))
	}
	args = append(args, "-cpu", strings.Join(append([]string{model}, c.Without...), ",-"))
	for i, disk := range append([]string{c.BootDisk}, c.Disks...) {
		args = append(args, "-drive", fmt.Sprintf("file=%s,format=raw,if=ide,index=%d", strings.ReplaceAll(disk, ",", ",,"), i))
	}
	switch c.Net.Mode {
	case "slirp":
		args = append(args, "-netdev", "user,id=n0")
	case "socket":
		args = append(args, "-netdev", fmt.Sprintf("socket,id=n0,localaddr=127.0.0.1:%d,udp=127.0.0.1:%d", c.Net.Port, c.Net.Port+1))
	}
	if c.Net.Mode != "" {
		args = append(args, "-device", "e1000,netdev=n0,mac=52:54:00:12:34:56")
	}
	if c.UEFI {
		firmware, err := ovmf(c.Dir)
		if err != nil {
			return nil, err
		}
		args = append(args, firmware...)
	}
	return args, nil
}

// ovmf gives the arguments for UEFI firmware. Its variables are the machine's
// own, so the file is copied.
func ovmf(dir string) ([]string, error) {
	for _, size := range []string{"_4M", ""} {
		code := "/usr/share/OVMF/OVMF_CODE" + size + ".fd"
		vars, err := os.ReadFile("/usr/share/OVMF/OVMF_VARS" + size + ".fd")
		if err != nil {
			continue
		}
		own := filepath.Join(dir, "uefi-variables")
		if err := os.WriteFile(own, vars, 0o644); err != nil {
			return nil, err
		}
		return []string{"-drive", "if=pflash,format=raw,unit=0,readonly=on,file=" + code,
			"-drive", "if=pflash,format=raw,unit=1,file=" + own}, nil
	}
	return nil, fmt.Errorf("UEFI firmware is not there (Debian package ovmf): run 'make setup'")
}

// qemuLog reads what QEMU's control connection says.
type qemuLog struct {
	file    *os.File
	control io.Writer
	ends    chan Outcome

	mu     sync.Mutex
	rest   []byte
	out    Outcome
	report string
}

func (l *qemuLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Write(p)
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.line(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
}

func (l *qemuLog) line(text []byte) {
	var message struct {
		Event string
		Data  struct{ Reason string }
		// The answer to "info registers" is the one that is a string.
		Return any
	}
	if json.Unmarshal(text, &message) != nil {
		return
	}
	if s, ok := message.Return.(string); ok {
		l.report = strings.ReplaceAll(s, "\r", "")
	}
	if message.Event == "SHUTDOWN" && l.out == "" {
		switch message.Data.Reason {
		case "guest-shutdown":
			l.out = PoweredOff
		case "guest-reset":
			l.out = Rebooted
		default:
			l.out = Crashed
		}
	}
}

func (l *qemuLog) early() <-chan Outcome { return l.ends }

func (l *qemuLog) interrupt(*os.Process) {
	io.WriteString(l.control, `{"execute":"human-monitor-command","arguments":{"command-line":"info registers -a"}}`+"\n"+
		`{"execute":"quit"}`+"\n")
}

func (l *qemuLog) result() Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	dir := filepath.Dir(l.file.Name())
	l.file.Close()
	r := Result{Outcome: l.out, Report: l.report}
	if r.Outcome == "" {
		said, _ := os.ReadFile(filepath.Join(dir, "qemu.log"))
		r.Outcome, r.Report = Crashed, string(said)
	}
	if r.Outcome == Rebooted {
		cpu, _ := os.ReadFile(filepath.Join(dir, "qemu-cpu.log"))
		if _, fault, ok := strings.Cut(string(cpu), "Triple fault"); ok {
			r.Outcome, r.Report = TripleFault, "Triple fault"+fault
		}
	}
	return r
}
