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

// A test guest that is a root without an operating system has records in words, and
// two as structs.
func TestWordsOfCrowd(t *testing.T) {
	source, err := os.ReadFile("../../test/guest/awkward/root.h")
	require.NoError(t, err)
	records := map[string]reflect.Type{
		"RESTART": reflect.TypeFor[Restart](), "REGISTERS": reflect.TypeFor[Registers](), "RESET": reflect.TypeFor[Reset](),
		"INJECTION": reflect.TypeFor[Injection](), "CHECK": reflect.TypeFor[Check](), "PORT": reflect.TypeFor[NetPort](),
	}
	seen := 0
	for _, enum := range regexp.MustCompile(`enum \{([^}]*)\}`).FindAllSubmatch(source, -1) {
		next := 0
		for _, word := range strings.Split(string(enum[1]), ",") {
			name, number, given := strings.Cut(strings.TrimSpace(word), " = ")
			if given {
				next, err = strconv.Atoi(number)
				require.NoError(t, err, word)
			}
			record, field, ok := strings.Cut(name, "_")
			if s := records[record]; ok && s != nil {
				assert.EqualValues(t, wordOf(t, s, field), next, name)
				seen++
			}
			next++
		}
	}
	assert.Greater(t, seen, 20)
	assert.Contains(t, string(source), "CONFIG_SIZE = "+strconv.Itoa(int(ConfigSize))+", ENTRY_SIZE = "+strconv.Itoa(int(EntrySize)))
}
