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
		name = strings.ReplaceAll(name, "_", "")
		field, ok := reflect.TypeFor[Restart]().FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
		require.True(t, ok, word)
		assert.Equal(t, field.Offset/8, uintptr(n), word)
	}
}
