package emu

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"perdure/cmd/hvrun/depot"
)

// bochs prepares Bochs. Its time is its count of instructions, 50 million to
// the second, and nothing in it depends on the host's time or chance; so the
// same input gives the same run.
func bochs(c Config, serial int) (*exec.Cmd, watcher, error) {
	if c.UEFI {
		return nil, nil, fmt.Errorf("Bochs has no UEFI firmware; use qemu-tcg or qemu-kvm")
	}
	binary, err := depot.BochsBinary()
	if err != nil {
		return nil, nil, err
	}
	config, err := bochsConfig(c, serial)
	if err != nil {
		return nil, nil, err
	}
	rc := filepath.Join(c.Dir, "bochsrc")
	if err := os.WriteFile(rc, []byte(config), 0o644); err != nil {
		return nil, nil, err
	}
	log, err := os.Create(filepath.Join(c.Dir, "bochs.log"))
	if err != nil {
		return nil, nil, err
	}
	w := &bochsLog{file: log, ends: make(chan Outcome, 1)}
	cmd := exec.Command(binary, "-q", "-f", rc)
	cmd.Stderr = w
	if c.Forks {
		if err := w.forked(c.Dir, cmd); err != nil {
			return nil, nil, err
		}
	}
	if c.Debug != nil {
		cmd.Stdout = c.Debug
	}
	return cmd, w, nil
}

func bochsConfig(c Config, serial int) (string, error) {
	bios, err := depot.BIOS()
	if err != nil {
		return "", err
	}
	vga, err := depot.VGABIOS()
	if err != nil {
		return "", err
	}
	model, exclude := c.CPUModel, append([]string{"rdrand", "rdseed"}, c.Without...)
	if !c.MWAIT {
		exclude = append(exclude, "mwait")
	}
	switch model {
	case "":
		model = "corei7_skylake_x"
	case "arrow_lake":
		exclude = append(exclude, "lass")
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("cpu: model=%s, count=%d, ips=50000000, reset_on_triple_fault=0, exclude_features=%q", model, max(1, c.CPUs), strings.Join(exclude, ","))
	const most, few, large = 2048, 128, 8192 // MiB that it takes of ours; KiB in a piece: with more than some thousands of these it does not start
	block := few
	if c.Memory > most {
		block = large
	}
	line("memory: guest=%d, host=%d, block_size=%d", c.Memory, min(c.Memory, most), block)
	line("romimage: file=%q, options=fastboot", bios)
	line("vgaromimage: file=%q", vga)
	for i, disk := range append([]string{c.BootDisk}, c.Disks...) {
		if i%2 == 0 {
			line("ata%d: enabled=1, ioaddr1=%#x, ioaddr2=%#x, irq=%d", i/2, []int{0x1f0, 0x170}[i/2%2], []int{0x3f0, 0x370}[i/2%2], 14+i/2%2)
		}
		line("ata%d-%s: type=disk, path=%q, mode=flat", i/2, []string{"master", "slave"}[i%2], disk)
	}
	line("boot: disk")
	line("com1: enabled=1, mode=socket-client, dev=127.0.0.1:%d", serial)
	switch c.Net.Mode {
	case "slirp":
		line("e1000: card=0, enabled=1, mac=52:54:00:12:34:56, ethmod=slirp")
	case "socket":
		line("e1000: card=0, enabled=1, mac=52:54:00:12:34:56, ethmod=socket, ethdev=%d", c.Net.Port)
	}
	line("display_library: nogui")
	line("log: -")
	line("panic: action=fatal")
	line("error: action=report")
	line("info: action=report")
	line("debug: action=ignore")
	line("port_e9_hack: enabled=1")
	line("pci: enabled=1, chipset=i440fx")
	line("clock: sync=none, time0=946681200")
	return b.String(), nil
}

// bochsLog reads Bochs' log as it is written.
type bochsLog struct {
	file *os.File
	ends chan Outcome

	forks *forks // nil: it is not copied

	mu    sync.Mutex
	rest  []byte // an unfinished line
	ticks uint64
	out   Outcome
	tail  []string // since the end began
}

var (
	bochsTick = regexp.MustCompile(`^(\d{11,})[a-z]\[`)
	bochsEnds = []struct {
		text string
		out  Outcome
		by   bool // Bochs ends by itself
	}{
		{"ACPI control: soft power off", PoweredOff, true},
		{"Shutdown port: shutdown requested", PoweredOff, true},
		{"exception with no resolution", TripleFault, true},
		{"bx_pc_system_c::Reset(", Rebooted, false},
		{">>PANIC<<", Crashed, true},
	}
)

func (l *bochsLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Write(p)
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.line(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
}

func (l *bochsLog) line(text string) {
	if l.forks != nil && strings.HasPrefix(text, "fork: ") {
		l.copied(text)
		return
	}
	if m := bochsTick.FindStringSubmatch(text); m != nil {
		l.ticks, _ = strconv.ParseUint(m[1], 10, 64)
	}
	if l.out == "" {
		for _, e := range bochsEnds {
			if strings.Contains(text, e.text) && (e.by || l.ticks > 0) { // power-on is a reset too
				l.out = e.out
				if !e.by && l.forks != nil && l.forks.pid != 0 {
					syscall.Kill(l.forks.pid, syscall.SIGKILL)
				} else if !e.by {
					l.ends <- e.out
				}
				break
			}
		}
	}
	if l.out != "" && len(l.tail) < 400 {
		l.tail = append(l.tail, text)
	}
}

func (l *bochsLog) early() <-chan Outcome { return l.ends }

// interrupt makes Bochs end with its processors' registers in the log.
func (l *bochsLog) interrupt(p *os.Process) { p.Signal(syscall.SIGINT) }

func (l *bochsLog) result() Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file.Close()
	r := Result{Outcome: l.out, Instructions: l.ticks, Report: strings.Join(l.tail, "\n")}
	if r.Outcome == "" {
		r.Outcome, r.Report = Crashed, string(l.rest)
	}
	return r
}
