package boot

import "strings"

// word is one argument of a command line, quotes and backslashes resolved.
type word struct {
	text   string
	quoted bool // some of it stood in quotes
	open   bool // a quote in it was never closed
}

// nextWord returns the argument that begins at or after s[i], and where the
// next one may begin; ok is false if there is none. Arguments are separated by
// blanks. GRUB puts an argument with blanks into double quotes as a whole and a
// backslash before quotes and backslashes inside it; people quote the value
// only, with either quote. Both mean the same here.
func nextWord(s string, i int) (w word, next int, ok bool) {
	for i < len(s) && blank(s[i]) {
		i++
	}
	if i == len(s) {
		return w, i, false
	}
	var b strings.Builder
	var quote byte
	for ; i < len(s) && (quote != 0 || !blank(s[i])); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quote == 0 && (c == '"' || c == '\''):
			quote, w.quoted = c, true
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	w.text, w.open = b.String(), quote != 0
	return w, i, true
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// printable returns s fit for a log line: at most 64 bytes, with a question
// mark for each byte that is not printable ASCII.
func printable(s string) string {
	cut := len(s) > 64
	if cut {
		s = s[:64]
	}
	b := []byte(s)
	for i, c := range b {
		if c < 0x20 || c > 0x7e {
			b[i] = '?'
		}
	}
	if cut {
		return string(b) + "..."
	}
	return string(b)
}
