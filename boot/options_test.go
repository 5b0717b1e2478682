package boot

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// with returns the default options, changed.
func with(change func(o *Options)) Options {
	o := DefaultOptions()
	change(&o)
	return o
}

func TestDefaultsAreWhatTheTableSays(t *testing.T) {
	for _, o := range table {
		var to Options
		if complaint := o.read(&o, &to, o.Default); complaint != "" {
			t.Errorf("default %s=%s: %s", o.Name, o.Default, complaint)
		}
	}
	want := Options{LogLevel: LogInfo, Console: Console{0x3f8, 115200}, Slice: Slice{Micros: 2000}, Watchdog: 10, Trace: 64, Standby: StandbyAuto, Selftest: SelftestNone}
	if got := DefaultOptions(); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestParseOptions(t *testing.T) {
	for _, c := range []struct {
		name, line string
		want       Options
		warnings   []string // a part of each
	}{
		{"nothing", "", with(func(*Options) {}), nil},
		{"blanks", " \t  ", with(func(*Options) {}), nil},
		{"a path first", "/boot/perdure.img cpus=2", with(func(o *Options) { o.CPUs = 2 }), nil},
		{"sizes", "root_mem=0x20000000", with(func(o *Options) { o.RootMem = 512 << 20 }), nil},
		{"size words", "root_mem=1G root_mem=auto cpus=all", with(func(*Options) {}), nil},
		{"all", "root_mem=2g root_vps=2 cpus=4 loglevel=debug console=com2,9600 slice=5ms watchdog=500 standby=on trace=off selftest=golden", Options{
			RootMem: 2 << 30, RootVPs: 2, CPUs: 4, LogLevel: LogDebug, Console: Console{0x2f8, 9600}, Slice: Slice{Micros: 5000},
			Watchdog: 500, Standby: StandbyOn, Selftest: SelftestGolden}, nil},
		{"self-test", "selftest=vmx", with(func(o *Options) { o.Selftest = SelftestVMX }), nil},
		{"ticks", "slice=400000t", with(func(o *Options) { o.Slice = Slice{Ticks: 400000} }), nil},
		{"micros", "slice=750 console=0x3e8", with(func(o *Options) { o.Slice = Slice{Micros: 750}; o.Console.Port = 0x3e8 }), nil},
		{"command line, the rest", `cpus=1 root_cmdline=console=ttyS0 quiet  loglevel=3 `, with(func(o *Options) { o.CPUs, o.RootCmdline = 1, "console=ttyS0 quiet  loglevel=3" }), nil},
		{"command line, value quoted", `root_cmdline="a b=\"c d\"" cpus=1`, with(func(o *Options) { o.CPUs, o.RootCmdline = 1, `a b="c d"` }), nil},
		{"command line, quoted by GRUB", `"root_cmdline=a b" cpus=1`, with(func(o *Options) { o.CPUs, o.RootCmdline = 1, "a b" }), nil},
		{"command line, single quotes", `root_cmdline='a b' cpus=1`, with(func(o *Options) { o.CPUs, o.RootCmdline = 1, "a b" }), nil},
		{"command line, escaped", `root_cmdline=x=\"1\"`, with(func(o *Options) { o.RootCmdline = `x="1"` }), nil},
		{"command line swallows ours", `root_cmdline=quiet cpus=2`, with(func(o *Options) { o.RootCmdline = "quiet cpus=2" }), []string{"'cpus' stands after root_cmdline"}},
		{"command line too long", `root_cmdline=` + strings.Repeat("x", 5000), with(func(*Options) {}), []string{"longer than 4096"}},
		{"unknown", "colour=red verbose cpus=1", with(func(o *Options) { o.CPUs = 1 }), []string{"'colour' is unknown", "'verbose' is unknown"}},
		{"no value", "cpus", with(func(*Options) {}), []string{"'cpus' needs a value"}},
		{"malformed", "cpus=two root_mem=lots loglevel=9 selftest=x slice=ms slice=2h console=com9 trace= watchdog=-1", with(func(*Options) {}), []string{
			"cpus=two: needs a number", "root_mem=lots: needs a size", "loglevel=9: must be error,", "selftest=x: must be none, golden or vmx", "slice=ms: needs", "slice=2h: needs",
			"console=com9: needs com1", "trace=: needs", "watchdog=-1: needs"}},
		{"out of bounds", "cpus=0 cpus=65 root_mem=1M slice=1 slice=99999999999999999ms console=com1,110 console=com1,7 console=0xffff", with(func(*Options) {}), []string{
			"cpus=0: must be from 1 to 64", "cpus=65: must", "root_mem=1M: must be from 64M to 64T", "slice=1: must", "slice=99999999999999999ms: is too long",
			"this baud rate", "this baud rate", "console=0xffff: needs"}},
		{"key", "key=" + strings.Repeat("0a", 32), with(func(o *Options) { o.Key = [32]byte(bytes.Repeat([]byte{10}, 32)) }), nil},
		{"no key again", "key=" + strings.Repeat("0a", 32) + " key=", with(func(*Options) {}), nil},
		{"no keys", "key=0a key=" + strings.Repeat("0g", 32), with(func(*Options) {}), []string{"key=0a: needs 64", "needs 64"}},
		{"size overflow", "root_mem=99999999999T", with(func(*Options) {}), []string{"needs a size"}},
		{"open quote", `root_cmdline="a b`, with(func(o *Options) { o.RootCmdline = "a b" }), []string{"quote not closed"}},
		{"hostile", "\x00\x1b[2J=1", with(func(*Options) {}), []string{"option '??[2J' is unknown"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, warnings := ParseOptions(c.line)
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if len(warnings) != len(c.warnings) {
				t.Fatalf("warnings %q, want %q", warnings, c.warnings)
			}
			for i, w := range c.warnings {
				if !strings.Contains(warnings[i], w) {
					t.Errorf("warning %q does not say %q", warnings[i], w)
				}
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for _, n := range []uint64{0, 1, 1023, 1024, 64 << 20, 32 << 20, 3 << 30, 1 << 46, 1536 << 20} {
		if got, ok := parseSize(formatSize(n)); !ok || got != n {
			t.Errorf("%d is written %s and read back as %d", n, formatSize(n), got)
		}
	}
	if got := formatSize(2146435072); got != "2047M" {
		t.Errorf("got %s", got)
	}
}

func TestRootCommandLine(t *testing.T) {
	got := []string{}
	for _, i := range []Info{{}, {Kernel: Module{Args: "a b"}}, {Options: Options{RootCmdline: "c"}}, {Kernel: Module{Args: "a b"}, Options: Options{RootCmdline: "c"}}} {
		got = append(got, i.RootCommandLine())
	}
	if want := []string{"", "a b", "c", "a b c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzOptions(f *testing.F) {
	for _, s := range []string{"", "root_mem=1G cpus=2", `root_cmdline="a b" x`, `"root_cmdline=a b`, `root_cmdline=\`, "slice=1ms console=0x3f8,9600", "=", "a=\"", "root_cmdline"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		o, warnings := ParseOptions(line)
		if o.Console.Port == 0 || o.Console.Baud == 0 || o.Slice.Micros+o.Slice.Ticks == 0 || o.LogLevel == 0 || o.Selftest == 0 {
			t.Errorf("impossible options %+v", o)
		}
		for _, w := range warnings {
			for i := 0; i < len(w); i++ {
				if w[i] < 0x20 {
					t.Errorf("warning %q has a control character", w)
				}
			}
		}
	})
}
