package guestfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
)

// look knows a few files.
func look(path string) (int64, error) {
	sizes := map[string]int64{"/g/vmlinuz": 1 << 20, "/g/initrd": 5000, "/g/disk.img": 1 << 30, "/g/odd.img": 1000, "/g/empty.img": 0, "/abs/app": 3}
	if n, ok := sizes[path]; ok {
		return n, nil
	}
	return 0, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func parse(text string) (*Guest, error) { return Parse("/g/web.toml", "web.toml", []byte(text), look) }

func TestWhole(t *testing.T) {
	g, err := parse(`
name = "db-1"
memory = "1.5 GiB"
vcpus = 2
weight = 1_000
cpus = "0-1,3"
kernel = "vmlinuz"
initrd = "/g/initrd"
cmdline = "console=ttyS0"
boot = "linux"
platform = "pc"
console = false
on_reboot = "destroy"

[[net]]
mac = "02:00:00:00:00:0A"
group = 3
mtu = 1400

[[net]]

[[disk]]
file = "disk.img"
readonly = true
serial = "data"

[[disk]]
ram = "64M"
`)
	require.NoError(t, err)
	g.Text = ""
	require.Equal(t, &Guest{
		Path: "/g/web.toml", Name: "db-1", Memory: 3 << 29, VPs: 2, Weight: 1000, CPUs: 0b1011, Kernel: "/g/vmlinuz", Initrd: "/g/initrd",
		Cmdline: "console=ttyS0", Boot: BootLinux, Platform: abi.PlatformPC, Entropy: true, OnReboot: RebootDestroy,
		Nets:  []Net{{MAC: 0x0a0000000002, Group: 3, MTU: 1400}, {}},
		Disks: []Disk{{File: "/g/disk.img", Capacity: 1 << 30, ReadOnly: true, Serial: "data"}, {Capacity: 64 << 20}},
	}, g)
	c := g.Config()
	require.Equal(t, abi.DiskConfig{Kind: abi.DiskFile, Flags: abi.DiskReadOnly, Capacity: 1 << 30, Serial: [24]byte{'d', 'a', 't', 'a'}}, c.Disk[0])
	require.Equal(t, abi.DiskConfig{Kind: abi.DiskRAM, Capacity: 64 << 20}, c.Disk[1])
	require.EqualValues(t, abi.ConfigEntropy, c.Flags)
	require.EqualValues(t, 2, c.Nets)
}

func TestDefaults(t *testing.T) {
	g, err := parse("memory = \"64M\"\nkernel = \"vmlinuz\"\nmodules = [\"/abs/app --fast\"]\n")
	require.NoError(t, err)
	require.Equal(t, "web", g.Name)
	require.EqualValues(t, 1, g.VPs)
	require.EqualValues(t, abi.DefaultWeight, g.Weight)
	require.Equal(t, []Module{{"/abs/app", "/abs/app --fast"}}, g.Modules)
	require.True(t, g.Console && g.Entropy)
	require.Equal(t, "restart", g.OnReboot.String())
}

// All that is wrong is said at once, in the order of the lines.
func TestAllProblems(t *testing.T) {
	_, err := parse(`name = "my guest"
memory = 256
vcpu = 2
weight = 0
cpus = "3-1"
kernel = "vmlinux"
initrd = 7
platform = "minimum"
cmdline = "a"
cmdline = "b"
console = "yes"

[[net]]
mac = "01:00:00:00:00:01"
[[net]]
mac = "02:00:00:00:00:02"
mtu = 9001
[[net]]
mac = "02-00-00-00-00-02"

[[disk]]
file = "odd.img"
[[disk]]
file = "empty.img"
serial = "a serial number that is too long"
[[disk]]
ram = "1.5M"
readonly = true
[[disk]]
[[disk]]
file = "disk.img"
ram = "1M"
sise = 3
[disks]
`)
	require.EqualError(t, err, strings.TrimSpace(`
web.toml:1: name = "my guest": a name consists of a-z, A-Z, 0-9, -, _ and .
web.toml:2: memory = 256: a size has a unit, as in memory = "256M"
web.toml:3: there is no key "vcpu"; did you mean "vcpus"?
web.toml:4: weight = 0: it is from 1 to 10000
web.toml:5: cpus: "3-1": processors are named as in "0-2,5", or "all"
web.toml:6: kernel: there is no file /g/vmlinux
web.toml:7: initrd wants a text in quotes
web.toml:8: platform = "minimum": it is one of "minimal", "pc"; did you mean "minimal"?
web.toml:10: cmdline is given twice, first in line 9
web.toml:11: console wants true or false
web.toml:14: net.mac: "01:00:00:00:00:01" is a group's address: the first byte of a card's is even
web.toml:17: net.mtu = 9001: it is from 68 to 9000
web.toml:18: a guest has at most 2 network cards
web.toml:19: net.mac: 02:00:00:00:00:02 is the card's in line 16 already
web.toml:22: disk.file: /g/odd.img has 1000 bytes, which is no multiple of 512
web.toml:24: disk.file: /g/empty.img is empty; "truncate -s 1G /g/empty.img" makes it a disk
web.toml:25: disk.serial has 32 characters, a guest sees 20
web.toml:27: disk.ram is a whole number of MiB
web.toml:28: a disk of memory that cannot be written is of no use
web.toml:29: a disk has either file = "disk.img" or ram = "64M"
web.toml:30: a guest has at most 4 disks
web.toml:30: a disk has either file = "disk.img" or ram = "64M"
web.toml:33: there is no key "disk.sise"
web.toml:34: [disks] is one table of that name; [[disks]], with two brackets, is one of several
web.toml:34: there is no table "disks"; did you mean "disk"?
`))
}

func TestSingleProblems(t *testing.T) {
	const good = "kernel = \"vmlinuz\"\nmemory = \"64M\"\n"
	for _, c := range []struct{ text, want string }{
		{"", `web.toml: "memory" is missing, as in memory = "256M"`},
		{"", `web.toml: "kernel" is missing, as in kernel = "vmlinuz"`},
		{good + "name = \"root\"\n", "web.toml:3: name = \"root\": root is the name of the root partition"},
		{good + "name = \"..\"\n", "a name begins with"},
		{good + "name = \"" + strings.Repeat("x", 32) + "\"\n", "at most 31"},
		{good + "oops\n", "web.toml:3: this is not TOML"},
		{good + "cmdline = \"a\n", "web.toml:3: this is not TOML"},
		{good + "[[disk]]\nfile = \"disk.img\"\n[[disk]]\nfile = \"disk.img\"\n", "web.toml:6: disk.file: /g/disk.img is another disk of this guest already"},
		{good + "modules = [3]\n", "web.toml:3: modules are texts"},
		{good + "net.mac = \"x\"\n", "web.toml:3: there is no key \"net.mac\""},
		{"memory = \"3T\"\n", "web.toml:1: memory is at most 512 GiB"},
		{"memory = \"1000K\"\n", "web.toml:1: memory is a whole number of MiB"},
		{"memory = \"0M\"\n", "web.toml:1: memory is 0"},
		{"memory = \"64\"\n", "a size is a number and K, M, G or T"},
		{"memory = \"99999999999999G\"\n", "far too large"},
		{good + "vcpus = 99999999999999999999\n", "vcpus = 99999999999999999999: it is from 1 to 8"},
		{good + "vcpus = -1\n", "vcpus = -1: it is from 1 to 8"},
		{good + "cpus = [1, 99]\n", "processor 99: the last one"},
		{good + "cmdline = \"a\\u0000b\"\n", "has a zero byte"},
		{good + "kernl = \"x\"\n", `did you mean "kernel"?`},
		{good + "on_reboot = \"halt\"\n", `one of "restart", "destroy", "stop"`},
		{strings.Repeat("#", maxText+1), "a guest file of 256 KiB is none"},
	} {
		_, err := parse(c.text)
		require.ErrorContains(t, err, c.want, c.text)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		return filepath.Join(dir, name)
	}
	write("k", "kernel")
	g, err := Read(write("one.toml", "kernel = \"k\"\nmemory = \"1M\"\ncpus = [0, 2]\n"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "k"), g.Kernel)
	require.EqualValues(t, 5, g.CPUs)
	_, err = Read(write("two.toml", "kernel = \".\"\nmemory = \"1M\"\n"))
	require.ErrorContains(t, err, "is not a regular file")
	_, err = Read(filepath.Join(dir, "none.toml"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestUnits(t *testing.T) {
	for text, want := range map[string]uint64{"1M": 1 << 20, "1.5G": 3 << 29, "64 MiB": 64 << 20, "2tb": 2 << 40, "16k": 16 << 10} {
		n, err := ParseSize(text)
		require.NoError(t, err, text)
		require.Equal(t, want, n, text)
	}
	for _, text := range []string{"", "M", "1", "-1M", "1.x5M", "1.0000001M", "1.1K", "5 apples", "1e9M"} {
		_, err := ParseSize(text)
		require.Error(t, err, text)
	}
	for _, text := range []string{"all", "0", "0-2,5", "63", "0-63"} {
		mask, err := ParseCPUs(text)
		require.NoError(t, err, text)
		require.Equal(t, text, FormatCPUs(mask))
	}
	for _, text := range []string{"", "a", "1-", "-1", "2-1", "64", "0,,1"} {
		_, err := ParseCPUs(text)
		require.Error(t, err, text)
	}
	mac, err := ParseMAC("52:54:00:12:34:56")
	require.NoError(t, err)
	require.Equal(t, "52:54:00:12:34:56", FormatMAC(mac))
	for _, text := range []string{"", "52:54:00:12:34", "52:54:00:12:34:5", "52:54:00:12:34:zz", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"} {
		_, err := ParseMAC(text)
		require.Error(t, err, text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("kernel = \"vmlinuz\"\nmemory = \"64M\"\n[[net]]\nmac = \"02:00:00:00:00:01\"\n[[disk]]\nram = \"1M\"\n")
	f.Add("cpus = [1, \"a\", [2]]\nname = 3\n[x.y]\nz = {a = 1}\n'q.r' = 1979-05-27\n")
	f.Add("memory = 0x10\nvcpus = 1e3\nmodules = []\n[[disk]]\n[[disk]]\nfile=''\n")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := parse(text)
		if (g == nil) == (err == nil) {
			t.Fatal("neither a guest nor a problem, or both")
		}
		if err == nil {
			g.Config()
			return
		}
		for _, p := range err.(*Problems).List {
			if p.Line < 0 || p.Line > strings.Count(text, "\n")+1 || p.Text == "" {
				t.Errorf("line %d of %q: %s", p.Line, text, p.Text)
			}
		}
	})
}
