// Command hvrun boots Perdure on an emulated machine: for a person, with the
// terminal on its serial line, or for a script, with a command that is run in
// the root partition.
//
// The one idea: the exit status tells how it went, so a script needs to read
// nothing.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"perdure/cmd/hvrun/emu"
	"perdure/cmd/hvrun/rig"
)

// Exit statuses other than the command's own.
const (
	exitRebooted    = 121
	exitTripleFault = 122
	exitCrashed     = 123
	exitTimedOut    = 124 // as timeout(1) has it
	exitUsage       = 125 // hvrun itself could not do its work
	exitNotStarted  = 126 // as a shell has it
	exitTooEarly    = 127 // the machine ended before the command did
)

const usage = `Usage: hvrun [flags] [-- COMMAND...]

Boots Perdure with a Debian kernel as its root partition on an emulated machine.
Without COMMAND your terminal is the machine's serial line; Ctrl-\ leaves. With
COMMAND it is run in the root partition once that is up; its output is printed
and its exit status is hvrun's.

Exit status, if it is not COMMAND's: 0 powered off, or left by Ctrl-\; 121
rebooted; 122 triple fault; 123 the emulator failed; 124 timed out; 125 hvrun
could not do its work; 126 COMMAND could not be started; 127 the machine ended
before COMMAND did.

Flags:
`

// settings are what the flags say.
type settings struct {
	rig.Options
	timeout time.Duration
	serial  string
	until   *regexp.Regexp
	json    bool
	command []string
}

func main() {
	s, err := parse(os.Args[1:])
	if err == flag.ErrHelp {
		os.Exit(0)
	}
	status := exitUsage
	if err == nil {
		status, err = s.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hvrun:", err)
	}
	os.Exit(status)
}

func parse(args []string) (*settings, error) {
	s := &settings{}
	f := flag.NewFlagSet("hvrun", flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprint(f.Output(), usage)
		f.PrintDefaults()
	}
	kind, firmware := f.String("emulator", "auto", "`kind`: auto, bochs, qemu-kvm or qemu-tcg (which has no VT-x)"), ""
	f.StringVar(&s.Image, "image", "build/perdure.img", "Perdure's image, a `file`")
	f.StringVar(&s.Words, "cmdline", "", "the hypervisor's `options`")
	f.StringVar(&s.Kernel, "kernel", "cloud", "root's `kernel`: cloud or standard (Debian 6.1), none, or a file")
	f.StringVar(&s.Initrd, "initrd", "", "root's initramfs, a `file` or none (default: build/root-KERNEL.cpio for a Debian kernel)")
	f.StringVar(&s.KernelWords, "root-cmdline", "", "`words` to add to root's kernel command line")
	f.BoolVar(&s.Bare, "bare", false, "boot root's kernel alone, without Perdure")
	f.IntVar(&s.CPUs, "cpus", 1, "`number` of processors")
	f.IntVar(&s.Memory, "memory", 512, "`MiB` of memory")
	f.StringVar(&s.CPUModel, "cpu-model", "", "processor `model`, as the emulator names it")
	f.Func("without", "`features` that the processors lack, e.g. x2apic, comma-separated", func(v string) error {
		s.Without = strings.Split(v, ",")
		return nil
	})
	f.StringVar(&firmware, "firmware", "bios", "`firmware`: bios or uefi (QEMU only)")
	f.Func("disk", "a raw disk `file` to attach after the boot disk; may be repeated", func(path string) error {
		s.Disks = append(s.Disks, path)
		return nil
	})
	f.Func("net", "`network` of an e1000 card: slirp, or socket:PORT (raw frames in UDP on loopback, the peer at PORT+1)", func(v string) error {
		return parseNet(v, &s.Net)
	})
	f.DurationVar(&s.timeout, "timeout", 0, "give up after this `time`, e.g. 90s, and show the registers (default: 15m with a COMMAND, else none)")
	f.StringVar(&s.serial, "serial", "", "keep what the serial line says in a `file`")
	f.Func("until", "without a COMMAND, end when the serial line says what matches this `pattern`", func(v string) (err error) {
		s.until, err = regexp.Compile("(?:" + v + `)[^\n]*\n`) // the whole line
		return err
	})
	f.StringVar(&s.Dir, "keep", "", "keep the boot disk and the emulator's logs in a `folder`")
	f.BoolVar(&s.json, "json", false, "print one JSON object: outcome, status, output, instructions, seconds")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	s.command, s.Config.Kind = f.Args(), emu.Kind(*kind)
	s.Commands = len(s.command) > 0
	switch firmware {
	case "bios", "uefi":
		s.UEFI = firmware == "uefi"
	default:
		return nil, fmt.Errorf("no firmware is called %q (bios, uefi)", firmware)
	}
	s.defaultInitrd()
	if s.timeout == 0 && s.Commands {
		s.timeout = 15 * time.Minute
	}
	return s, nil
}

// defaultInitrd chooses the initramfs that has the kernel's modules.
func (s *settings) defaultInitrd() {
	switch {
	case s.Initrd == "none":
		s.Initrd = ""
	case s.Initrd == "" && (s.Kernel == "cloud" || s.Kernel == "standard"):
		s.Initrd = rig.Initrd("build", s.Kernel)
	}
}

func parseNet(v string, n *emu.Net) error {
	mode, port, hasPort := strings.Cut(v, ":")
	var err error
	switch {
	case mode == "slirp" && !hasPort, mode == "socket" && hasPort:
		n.Mode = mode
		if hasPort {
			n.Port, err = strconv.Atoi(port)
		}
		return err
	}
	return fmt.Errorf("want slirp or socket:PORT")
}
