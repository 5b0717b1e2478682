package system

import (
	"encoding/json"
	"strings"
)

// meanwhile gives what commands said that "hvtest in -meanwhile" ran while others worked.
func meanwhile(said string) string {
	var b strings.Builder
	for line := range strings.Lines(said) {
		if what, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "meanwhile: "); ok {
			b.WriteString(what + "\n")
		}
	}
	return b.String()
}

// objects gives the JSON objects in a text, up to one that is cut short.
func objects(text string) (list []json.RawMessage, err error) {
	for {
		i := strings.Index(text, "{\n")
		if i < 0 {
			return list, nil
		}
		read := json.NewDecoder(strings.NewReader(text[i:]))
		var one json.RawMessage
		if err := read.Decode(&one); err != nil {
			return list, err
		}
		list, text = append(list, one), text[i+int(read.InputOffset()):]
	}
}

// answers reads those of the whole JSON objects in a text that have a word in them.
func answers[T any](text, word string) (list []T) {
	all, _ := objects(text)
	for _, one := range all {
		var v T
		if strings.Contains(string(one), word) && json.Unmarshal(one, &v) == nil {
			list = append(list, v)
		}
	}
	return list
}
