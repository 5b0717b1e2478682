package abi

import (
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A test guest reads the report of a restart by words.
func TestWordsOfReport(t *testing.T) {
	source, err := os.ReadFile("../../test/guest/restart/main.c")
	require.NoError(t, err)
	words := regexp.MustCompile(`(?m)^enum \{ (PHASE.*), RECORD = \d+ \};$`).FindSubmatch(source)
	require.NotNil(t, words)
	for _, word := range strings.Split(string(words[1]), ", ") {
		name, number, _ := strings.Cut(word, " = ")
		n, err := strconv.Atoi(number)
		require.NoError(t, err, word)
		assert.EqualValues(t, n, wordOf(t, reflect.TypeFor[Restart](), name), word)
	}
}

// wordOf returns at which word of a record the field is that C calls NAME_LIKE_THIS.
func wordOf(t *testing.T, record reflect.Type, name string) uintptr {
	t.Helper()
	short := strings.ReplaceAll(name, "_", "")
	field, ok := record.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, short) })
	require.True(t, ok, name)
	return field.Offset / 8
}
