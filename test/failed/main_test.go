package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What two tests that ran at a time have said is told apart; of the failed one all
// is repeated but the command that went well.
func TestAgain(t *testing.T) {
	const log = `=== RUN   TestA
=== PAUSE TestA
=== RUN   TestB
    b_test.go:1: fine
=== NAME  TestA
    a_test.go:7: hvctl list: status 0
        NAME
        root
    a_test.go:9: it was 3
        and is 4
=== NAME  TestB
    b_test.go:2: fine too
--- PASS: TestB (0.10s)
--- FAIL: TestA (1.20s)
    --- FAIL: TestA/sub (1.00s)
FAIL
FAIL	perdure/test/system	1.2s
`
	var out strings.Builder
	require.NoError(t, again(strings.NewReader(log), &out))
	assert.Equal(t, `--- FAIL: TestA (1.20s)
    a_test.go:9: it was 3
        and is 4
--- FAIL: TestA/sub (1.00s)
`, out.String())
}

// A long entry is told by its ends, and of many the last ones; a panic is told whole
// unless it is long.
func TestAgainInShort(t *testing.T) {
	log := "=== RUN   TestA\n" + strings.Repeat("    a_test.go:7: early\n", 20) + "    a_test.go:8: late\n" + strings.Repeat("        x\n", 40) +
		"--- FAIL: TestA (1.20s)\npanic: oh\ngoroutine 1\n"
	var out strings.Builder
	require.NoError(t, again(strings.NewReader(log), &out))
	assert.Equal(t, entries-1, strings.Count(out.String(), "early"))
	assert.Contains(t, out.String(), "late\n        x\n")
	assert.Contains(t, out.String(), "… 25 lines\n")
	assert.True(t, strings.HasSuffix(out.String(), "panic: oh\ngoroutine 1\n"))
}
