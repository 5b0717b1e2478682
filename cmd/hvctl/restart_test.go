package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"perdure/cmd/internal/fake"
	"perdure/partition/abi"
)

// imageFile makes a file of a few bytes.
func imageFile(t *testing.T, n int) string {
	file := filepath.Join(t.TempDir(), "img")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("image\n", n/6+1))[:n], 0o644))
	return file
}

func TestRestart(t *testing.T) {
	m := fake.New()
	file := imageFile(t, 3*abi.MaxLoad+100)
	code, out, complaint := hvctl(m, "restart --progress "+file)
	require.Equal(t, exitOK, code, complaint)
	require.Equal(t, "hot restart 1: 4567cdef runs now, generation 1; blackout 812 ticks (0.8 µs)\n", out)
	want, _ := os.ReadFile(file)
	require.Equal(t, want, m.Restart.File, "the file arrives whole")
	last := 0
	for p := abi.PhaseLoad; p <= abi.PhaseDone; p++ {
		i := strings.Index(complaint, " ms  "+p.String()+"\n")
		require.GreaterOrEqual(t, i, last, "%v in order in\n%s", p, complaint)
		last = i
	}

	code, out, _ = hvctl(m, "restart --report")
	require.Equal(t, exitOK, code)
	for _, want := range []string{"0123abcd to 4567cdef", "the same, records stay in place; 42 records", "predicted 900 (-9.8 %), no budget; 12 VMX operations",
		"free 72 MiB before, +0 bytes after", "undo window", "flip", "0.0"} {
		assert.Contains(t, out, want)
	}

	// Again, otherwise.
	code, out, _ = hvctl(m, "restart --json --force --native --mirror=full --budget 5000 "+file)
	require.Equal(t, exitOK, code)
	var got restartJSON
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	require.Equal(t, uint64(2), got.Number)
	require.Equal(t, []string{"force", "mirror=full", "native"}, got.Flags)
	require.Equal(t, uint64(5000), got.Budget)
	require.Equal(t, uint64(2), got.Generation)
	require.False(t, got.SameLayout)
	require.Len(t, got.VPs, 1)
	require.Equal(t, uint64(812), got.VPs[0].Ticks)
	require.False(t, got.CPUs[0].Flip)
	require.Equal(t, "done", got.Phases[len(got.Phases)-1].Name)
}

func TestRestartThatIsNotDone(t *testing.T) {
	file := imageFile(t, 5000)
	m := fake.New()
	m.Restart.Fails, m.Restart.In = "the candidate has stopped: triple fault", abi.PhaseBoot
	code, out, _ := hvctl(m, "restart "+file)
	require.Equal(t, exitBad, code)
	require.Equal(t, "hot restart 1: not done, 0123abcd runs on: the candidate has stopped: triple fault\n", out)
	m.Restart.Fails, m.Restart.In = "it did not confirm", abi.PhaseUndo
	code, out, _ = hvctl(m, "restart "+file)
	require.Equal(t, exitBad, code)
	require.Contains(t, out, "undone, 0123abcd runs on: it did not confirm")

	m = fake.New()
	code, out, complaint := hvctl(m, "restart --dry --progress "+file)
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "all was ready, and nothing was changed")
	require.Contains(t, complaint, " ms  dropped, since it is a dry run\n")
	require.Zero(t, m.Info.Generation)
	m.Restart.Busy = true
	code, _, complaint = hvctl(m, "restart "+file)
	require.Equal(t, exitBad, code)
	require.Contains(t, complaint, "another restart is under way")
	m.Err = abi.ErrRights
	code, _, complaint = hvctl(m, "restart "+file)
	require.Equal(t, exitBad, code)
	require.Contains(t, complaint, "may not make that call")
}

// Of one that has not been judged yet nothing is told that nobody knows.
func TestRestartUnderWay(t *testing.T) {
	m := fake.New()
	_, _, err := m.Call(abi.CallRestart, nil, uint64(abi.RestartBegin), 3<<20, 0, 0, 0)
	require.NoError(t, err)
	code, out, _ := hvctl(m, "restart --report")
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "under way, in phase load\n")
	require.Contains(t, out, " to an unknown build, 3 MiB")
	require.Regexp(t, `Memory +free 72 MiB before\n`, out)
	require.NotContains(t, out, "Layout")
	code, out, _ = hvctl(m, "restart --abort")
	require.Equal(t, exitOK, code)
	require.Contains(t, out, "somebody asked for its end")
	require.NotContains(t, out, "home 0x0")
}

func TestRestartCommandLines(t *testing.T) {
	m := fake.New()
	file := imageFile(t, 10)
	for line, code := range map[string]int{
		"restart":                           exitUsage,
		"restart a b":                       exitUsage,
		"restart --mirror=half " + file:     exitUsage,
		"restart --fail x:begin " + file:    exitUsage,
		"restart --fail boot:mid " + file:   exitUsage,
		"restart /does/not/exist":           exitFile,
		"restart /dev/null":                 exitFile,
		"restart /dev/zero":                 exitFile,
		"restart --weight 10001 " + file:    exitUsage,
		"restart --trace /no/where " + file: exitFile,
		"restart --abort":                   exitState,
	} {
		got, _, _ := hvctl(m, line)
		assert.Equal(t, code, got, line)
	}
	assert.Zero(t, m.Restart.Number, "none of them began one")
	_, out, _ := hvctl(m, "restart --report")
	assert.Equal(t, "there has been no hot restart\n", out)
	_, _, out = hvctl(m, "restart /dev/zero")
	assert.Equal(t, "hvctl restart: /dev/zero is too long to be an image: more than 32 MiB\n", out)
	_, _, out = hvctl(m, "restart --abort")
	assert.Equal(t, "hvctl restart: no restart is under way\n", out)
	for edge, want := range map[string]uint64{"": 0, "none:begin": 1 << 32, "load:begin": 3 << 32, "undo-window:end": (2 + 2*uint64(abi.PhaseUndo)) << 32} {
		got, err := failEdge(edge)
		require.NoError(t, err)
		assert.Equal(t, want, got, edge)
	}
}

func TestRestartThatCopies(t *testing.T) {
	m := fake.New()
	code, out, complaint := hvctl(m, "restart --mirror full --report "+imageFile(t, 100))
	require.Equal(t, exitOK, code, complaint)
	require.Contains(t, out, "records are copied, whatever it is; 42 records, residue 3000 bytes\n")
	require.Regexp(t, `Mirror +1000000 ticks, 25.00 % of the processors' time; 700 ticks of the blackout for the residue\n`, out)
}

// TestRestartTrace looks at what Perfetto wants: every span in a named row, none
// of negative length, and the blackout inside the handoff's time.
func TestRestartTrace(t *testing.T) {
	m := fake.New()
	trace := filepath.Join(t.TempDir(), "trace.json")
	code, _, complaint := hvctl(m, "restart --trace "+trace+" "+imageFile(t, 100))
	require.Equal(t, exitOK, code, complaint)
	text, err := os.ReadFile(trace)
	require.NoError(t, err)
	var got traceJSON
	require.NoError(t, json.Unmarshal(text, &got))
	named := map[[2]int]bool{}
	spans := map[string]traceEvent{}
	for _, e := range got.Events {
		switch e.Kind {
		case "M":
			named[[2]int{e.PID, e.TID}] = true
		case "X":
			require.True(t, named[[2]int{e.PID, e.TID}], e.Name)
			require.NotNil(t, e.Took, "%s has no length, and so no end", e.Name)
			require.GreaterOrEqual(t, *e.Took, 0.0, e.Name)
			spans[e.Name] = e
		}
	}
	require.Len(t, spans, 10+3, "phases, two spans of a processor, one of a VP")
	h, b := spans["handoff"], spans["blackout"]
	require.InDelta(t, 1000, *h.Took, 0.01)
	require.True(t, h.At < b.At && b.At+*b.Took < h.At+*h.Took)
	require.InDelta(t, 0.812, *b.Took, 0.001)

	code, _, _ = hvctl(m, "restart --trace "+trace)
	require.Equal(t, exitOK, code, "of the last one, too")
}

// One that takes too long is dropped, and the line before the last says why.
func TestRestartThatTakesTooLong(t *testing.T) {
	file := imageFile(t, 100)
	code, out, complaint := hvctl(fake.New(), "restart --timeout 1ns "+file)
	require.Equal(t, exitBad, code)
	require.Contains(t, out, "not done, 0123abcd runs on: somebody asked for its end")
	require.Equal(t, "hvctl restart: it takes longer than 1ns\n", complaint)
	_, _, complaint = hvctl(fake.New(), "restart --json --timeout 1ns "+file)
	require.Empty(t, complaint, "scripts read both as one")
}
