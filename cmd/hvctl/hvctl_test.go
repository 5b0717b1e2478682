package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"perdure/cmd/internal/ask"
	"perdure/cmd/internal/call"
	"perdure/cmd/internal/fake"
	"perdure/partition/abi"
)

// hvctl runs one command line against a machine.
func hvctl(m *fake.Machine, line string) (code int, out, err string) {
	var o, e bytes.Buffer
	code = run(&env{out: &o, err: &e, open: func() (ask.Caller, error) { return m, nil }}, strings.Fields(line))
	return code, o.String(), e.String()
}

func TestTables(t *testing.T) {
	m := fake.New()
	m.Log = []byte("one\ntwo\r\nthree\n")
	m.Trace = []abi.TraceEntry{{TSC: 100, Reason: 10, RIP: 0x1000}, {TSC: 250, Reason: 30, Qual: 0x3f80008}}
	for line, want := range map[string][]string{
		"info":                      {"0.1.0, build 0123abcd", "1 min 1 s", "vpid unrestricted-guest", "512 MiB: root 400 MiB"},
		"list":                      {"ID  NAME  STATE", " 0  root  running", "400 MiB"},
		"log":                       {"one\ntwo\nthree\n"},
		"log -n 1":                  {"three\n"},
		"trace":                     {"100", "cpuid", "150", "io", "0x3f80008"},
		"trace -n 1 -cpu 0":         {"io"},
		"check":                     {"kept-records", "good"},
		"check memory":              {"frame-owners", "ept-own-frames"},
		"top -once -interval 1ms":   {"root.0", "running"},
		"top --once --interval 1ms": {"PERDURE"},
		"version":                   {"hvctl    0.1.0, interface 1"},
		"resets":                    {"NOTICED", "0.0 cpuid 0x401000", "1000", "2000", "hang"},
		"help":                      {"hvctl info", "Exit status"},
		"help top":                  {"Watch partitions", "--interval"},
		"log -h":                    {"Usage: hvctl log"},
	} {
		code, out, err := hvctl(m, line)
		if code != exitOK || err != "" {
			t.Errorf("%s: exit %d, %s", line, code, err)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q is missing in\n%s", line, w, out)
			}
		}
	}
	if _, out, _ := hvctl(m, "trace -n 1"); strings.Contains(out, "cpuid") {
		t.Errorf("trace -n 1 gave more than one:\n%s", out)
	}
}

func TestJSON(t *testing.T) {
	m := fake.New()
	m.Log = []byte("one\ntwo\n")
	m.Trace = make([]abi.TraceEntry, 3)
	for line, want := range map[string]string{
		"info --json":                     `"release": "0.1.0"`,
		"list --json":                     `"name": "root"`,
		"log --json":                      `{"position":4,"text":"two"}`,
		"trace --json -n 1":               `"name":"exception"`,
		"check --json":                    `"good": true`,
		"resets --json":                   `"ticks_fault_to_notice": 1000`,
		"top --json --interval 1ms":       `"io": 200`,
		"version --json":                  `"hypervisor": null`,
		"top --once --json -interval 1ms": `"line": 4`,
	} {
		if call.Here() && strings.HasPrefix(line, "version") {
			continue
		}
		code, out, err := hvctl(m, line)
		if code != exitOK || err != "" || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s, %q is missing in\n%s", line, code, err, want, out)
		}
		dec := json.NewDecoder(strings.NewReader(out))
		for dec.More() {
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("%s: %v in\n%s", line, err, out)
			}
		}
	}
}

func TestExitCodes(t *testing.T) {
	bad, refused, none, port, other := fake.New(), fake.New(), fake.New(), fake.New(), fake.New()
	bad.Bad = abi.ItemEPT
	refused.Err = abi.ErrRights
	none.Err = call.ErrNotHere
	port.Err = call.ErrPrivilege
	other.Err = abi.ErrVersion
	for _, c := range []struct {
		m    *fake.Machine
		line string
		code int
		text string
	}{
		{bad, "check", exitBad, ""},
		{refused, "info", exitBad, "may not make that call"},
		{none, "info", exitNotHere, "make run"},
		{port, "top", exitNoRight, "needs root"},
		{other, "list", exitBad, "speaks version 1"},
		{fake.New(), "inject", exitBad, "perdure-inject.img"},
		{fake.New(), "", exitUsage, "Usage: hvctl"},
		{fake.New(), "inof", exitUsage, `no command "inof"`},
		{fake.New(), "info extra", exitUsage, "one word too many"},
		{fake.New(), "log --bogus", exitUsage, "hvctl log -h"},
		{fake.New(), "log -n -3", exitUsage, "positive"},
		{fake.New(), "top -interval 0s", exitUsage, "positive"},
		{fake.New(), "trace -cpu 7", exitBad, "no processor 7"},
		{fake.New(), "hypercall", exitUsage, "one word"},
		{fake.New(), "hypercall x", exitUsage, "is no number"},
		{fake.New(), "hypercall -blind 0x10001", exitNoRight, "refused the OUT"},
	} {
		code, _, err := hvctl(c.m, c.line)
		if code != c.code || !strings.Contains(err, c.text) {
			t.Errorf("%q: exit %d, %q; want %d, %q", c.line, code, err, c.code, c.text)
		}
	}
}

// The names of a JSON answer are an interface to scripts: this list only grows.
func TestInfoNames(t *testing.T) {
	_, out, _ := hvctl(fake.New(), "info --json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields("release build generation resets uptime_seconds cpus cpus_present tsc_hz features memory boot_tsc mallocs golden golden_round") {
		if _, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestLogFollows(t *testing.T) {
	m := fake.New()
	m.Log = []byte("whole\nhalf")
	r := &logReader{caller: m}
	want := func(texts ...string) {
		t.Helper()
		lines, err := r.lines()
		if err != nil || len(lines) != len(texts) {
			t.Fatalf("%v %v, want %q", lines, err, texts)
		}
		for i, l := range lines {
			if l.Text != texts[i] {
				t.Errorf("line %q, want %q", l.Text, texts[i])
			}
		}
	}
	want("whole")
	want()
	m.Log = append(m.Log, " a line\n"...)
	want("half a line")
	m.Log = append(m.Log, "lost, lost\nthe rest\n"...)
	m.LogFrom = uint64(len(m.Log) - len("the rest\n"))
	lines, err := r.lines()
	if err != nil || len(lines) != 1 || lines[0].Text != "the rest" || lines[0].Lost != 11 {
		t.Errorf("after a loss: %+v %v", lines, err)
	}
}

func TestOutputClosed(t *testing.T) {
	r, w, _ := os.Pipe()
	r.Close()
	m := fake.New()
	m.Log = []byte("x\n")
	e := &env{out: w, err: os.Stderr, open: func() (ask.Caller, error) { return m, nil }}
	if err := logText(e, nil, logOptions{interval: 1}); !errors.Is(err, os.ErrClosed) && err == nil {
		t.Error("writing into a closed pipe went well")
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 B", 1023: "1023 B", 4096: "4 KiB", 32 << 20: "32 MiB", 3<<20 + 1<<19: "3.5 MiB", 512 << 30: "512.0 GiB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if since(3, 5) != 0 || since(5, 3) != 2 || rate(5, 0, 1) != 0 || share(1, 0) != 0 || share(3, 2) != 1 {
		t.Error("a counter that went back is not 0")
	}
}

// The tool is one file that needs nothing of its system.
func TestIsStatic(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the tool")
	}
	bin := t.TempDir() + "/hvctl"
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	err := exec.Command(bin, "nonsense").Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitUsage {
		t.Errorf("%v, want exit status %d", err, exitUsage)
	}
}
