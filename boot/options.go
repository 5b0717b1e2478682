package boot

import (
	"strings"
)

// Options are the hypervisor's settings. The numbers are all of one width, so
// that one table can describe them.
type Options struct {
	RootMem     uint64 // bytes of RAM for root; 0: see Info.RootMemory
	RootVPs     uint64 // virtual processors of root; 0: as many as processors
	RootCmdline string // for root's kernel, after the words of its module
	CPUs        uint64 // processors to use at most; 0: all
	Slice       Slice  // how long a virtual processor runs before others get a turn
	Watchdog    uint64 // milliseconds without progress that make a hang; 0: off
	Standby     Standby
	LogLevel    Level
	Console     Console
	Trace       uint64 // exits that each processor's trace ring keeps; 0: off
	Selftest    Selftest
	Inject      [MaxInject]Inject
	Key         [32]byte // of those who may sign images, Ed25519; zero: the one that is built in
}

// Level says which log lines the console shows: those of its level and above.
type Level uint64

// Log levels, from the gravest.
const (
	_ Level = iota
	LogError
	LogWarning
	LogInfo
	LogDebug
)

// Selftest says what to try at boot before root starts.
type Selftest uint64

// Self-tests.
const (
	_              Selftest = iota
	SelftestNone            // just start
	SelftestGolden          // throw the volatile state away and bring it back, again and again
	SelftestVMX             // run guests of a few instructions and look at what comes back
)

// Standby says whether a second instance is kept ready.
type Standby uint64

// Values of it.
const (
	_           Standby = iota
	StandbyAuto         // if memory is plentiful
	StandbyOff
	StandbyOn
)

// MaxInject is how many faults may be ordered.
const MaxInject = 8

// Inject is a fault of ours to be made in the handler of an exit, for tests.
type Inject struct {
	Fault  Fault  // NoFault: the slot is unused
	Reason uint64 // basic exit reason
	At     uint64 // at which of the exits with that reason, counted from 1
	Every  uint64 // 1: at every one from there on
}

// Fault is what goes wrong in a handler.
type Fault uint64

// Faults.
const (
	NoFault      Fault = iota
	FaultNil           // a pointer that is nil
	FaultIndex         // an index out of range
	FaultDivide        // a division by zero
	FaultPanic         // a call of panic
	FaultGP            // an instruction that the processor refuses
	FaultFail          // an invariant that does not hold
	FaultThrow         // the Go runtime gives up
	FaultStack         // a stack that grows for ever
	FaultHang          // a loop without an end
	FaultControl       // CR4 without OSXSAVE, also at each exit that follows, and what then fails
)

// Slice is a length of time in one of two units; the other one is 0.
type Slice struct{ Micros, Ticks uint64 }

// Console is where the log goes: a 16550 at Port.
type Console struct {
	Port uint16
	Baud uint32
}

// Option describes one option. Name, Form, Default and Help are its
// documentation; the rest is how it is read.
type Option struct {
	Name    string
	Form    string // what a value looks like
	Default string
	Help    string

	min, max uint64
	zero     string   // a word that means 0
	choices  []string // words that mean 1, 2, …
	read     func(o *Option, to *Options, value string) (complaint string)
	number   func(to *Options) *uint64
}

// table is every option that there is; docs/options.md is made from it.
var table = [...]Option{
	{Name: "root_mem", Form: "size or auto", Default: "auto", min: leastRoot, max: 1 << 46, zero: "auto",
		Help: "RAM for the root partition, counted from address 0 and rounded down to 2M; auto: half of the machine's, at least 512M if that leaves enough",
		read: readSize, number: func(to *Options) *uint64 { return &to.RootMem }},
	{Name: "root_vps", Form: "number or auto", Default: "auto", min: 1, max: 64, zero: "auto",
		Help: "virtual processors of the root partition; auto: as many as processors are used",
		read: readNumber, number: func(to *Options) *uint64 { return &to.RootVPs }},
	{Name: "root_cmdline", Form: "text", Default: "", max: 4096,
		Help: "command line of root's kernel, after the words of its module; quoted, or else the rest of the line",
		read: readText},
	{Name: "cpus", Form: "number or all", Default: "all", min: 1, max: 64, zero: "all",
		Help: "processors to use at most",
		read: readNumber, number: func(to *Options) *uint64 { return &to.CPUs }},
	{Name: "slice", Form: "time such as 2000us, 2ms or 400000t", Default: "2ms", min: 50, max: 1 << 32,
		Help: "time slice of a virtual processor, in µs, ms or ticks of the time-stamp counter (instructions in an emulator)",
		read: readSlice},
	{Name: "watchdog", Form: "milliseconds or off", Default: "10", min: 10, max: 600000, zero: "off",
		Help: "time without progress after which a processor in the hypervisor hangs, as another one sees it; 110 to 165 ms more at most where there is no other one, or all hang. `off`: nobody watches, and root has all of the 8254, and the HPET",
		read: readNumber, number: func(to *Options) *uint64 { return &to.Watchdog }},
	{Name: "standby", Form: "on, off or auto", Default: "auto",
		Help: "keep a second instance of the hypervisor ready, in 44 MiB of its own, which goes on when code or other things are damaged that a microreset does not make good; auto: if the machine has 4 GiB of memory or more",
		read: readChoice, choices: []string{"auto", "off", "on"},
		number: func(to *Options) *uint64 { return (*uint64)(&to.Standby) }},
	{Name: "loglevel", Form: "error, warning, info or debug", Default: "info",
		Help: "log lines to show on the console; the log ring keeps all",
		read: readChoice, choices: []string{"error", "warning", "info", "debug"},
		number: func(to *Options) *uint64 { return (*uint64)(&to.LogLevel) }},
	{Name: "console", Form: "com1..com4 or a port such as 0x3f8, then optionally ,baud", Default: "com1,115200", min: 50, max: 115200,
		Help: "16550 serial port for the log",
		read: readConsole},
	{Name: "trace", Form: "number or off", Default: "64", min: 1, max: 65536, zero: "off",
		Help: "last exits that the trace ring of each processor keeps",
		read: readNumber, number: func(to *Options) *uint64 { return &to.Trace }},
	{Name: "selftest", Form: "none, golden or vmx", Default: "none",
		Help: "before root starts, golden: throw the volatile state away 100 times, bring it back and report the cost; vmx: run guests of a few instructions, check what comes back and report the cost",
		read: readChoice, choices: []string{"none", "golden", "vmx"},
		number: func(to *Options) *uint64 { return (*uint64)(&to.Selftest) }},
	{Name: "inject", Form: "FAULT:REASON:N, …", Default: "", max: MaxInject, choices: []string{"nil", "index", "divide", "panic", "gp", "fail", "throw", "stack", "hang", "control"},
		Help: "only in images built for it, for tests: the handler of the N-th exit with a reason, in the words of `hvctl top`, fails by a nil pointer, an index, a division, a call of panic, a #GP, an invariant, a throw of the Go runtime, a stack that grows for ever or a loop without an end; N+: so do those of all later ones",
		read: readInject},
	{Name: "key", Form: "64 hexadecimal digits", Default: "",
		Help: "public Ed25519 key that images for a hot restart must be signed with; empty: the one that is built in",
		read: readKey},
}

// DefaultOptions returns what holds when nothing is said.
func DefaultOptions() (to Options) {
	for i := range table {
		table[i].read(&table[i], &to, table[i].Default)
	}
	return to
}

// lookup returns the option of a name, or nil.
func lookup(name string) *Option {
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}

// ParseOptions reads a command line. What it does not understand it ignores and
// names in a warning; a malformed value leaves the option as it was.
func ParseOptions(line string) (to Options, warnings []string) {
	to = DefaultOptions()
	for i := 0; ; {
		w, next, ok := nextWord(line, i)
		if !ok {
			return to, warnings
		}
		first := i == 0
		start := i
		i = next
		if w.open {
			warnings = append(warnings, "command line: quote not closed in '"+printable(w.text)+"', so it runs to the end of the line")
		}
		name, value, given := strings.Cut(w.text, "=")
		o := lookup(name)
		switch {
		case o == nil && first && strings.HasPrefix(w.text, "/"):
			continue // some loaders pass the file's path first
		case o == nil:
			warnings = append(warnings, "option '"+printable(name)+"' is unknown and ignored; docs/options.md lists what there is")
			continue
		case !given:
			warnings = append(warnings, "option '"+name+"' needs a value and is ignored: "+name+"=<"+o.Form+">")
			continue
		}
		if name == "root_cmdline" && !w.quoted {
			value, i = rest(line, start), len(line)
			warnings = append(warnings, swallowed(value)...)
		}
		if complaint := o.read(o, &to, value); complaint != "" {
			warnings = append(warnings, name+"="+printable(value)+": "+complaint+"; ignored")
		}
	}
}

// rest returns what follows the first equals sign after line[start], to the end
// of the line, without GRUB's backslashes.
func rest(line string, start int) string {
	_, value, _ := strings.Cut(line[start:], "=")
	value = strings.TrimRight(value, " \t\r\n")
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if c := value[i]; c == '\\' && i+1 < len(value) && strings.IndexByte(`\"'`, value[i+1]) >= 0 {
			i++
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// swallowed warns of our own options inside an unquoted root_cmdline.
func swallowed(value string) (warnings []string) {
	for i := 0; ; {
		w, next, ok := nextWord(value, i)
		if !ok {
			return warnings
		}
		i = next
		// These two are names of Linux options too.
		if name, _, given := strings.Cut(w.text, "="); given && name != "loglevel" && name != "console" && lookup(name) != nil {
			warnings = append(warnings, "option '"+name+"' stands after root_cmdline= and went to root's kernel; put root_cmdline last, or quote its value")
		}
	}
}
