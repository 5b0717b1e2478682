package guestfile

import (
	"math"
	"strconv"
	"strings"
)

// section reads the keys of a table and notes what is wrong with them.
type section struct {
	*table
	p     *Problems
	known []string
}

// take returns the value of a key if it is there and of that kind.
func (s *section) take(key string, want kind) (value, bool) {
	s.known = append(s.known, key)
	for i := range s.keys {
		k := &s.keys[i]
		if k.name != key {
			continue
		}
		k.used = true
		if k.value.kind != want {
			s.p.Add(k.value.line, "%s wants %s", s.full(key), want)
			return value{line: k.value.line}, false
		}
		return k.value, true
	}
	return value{}, false
}

// full is the key's name with that of its table.
func (s *section) full(key string) string {
	if s.name == "" {
		return key
	}
	return s.name + "." + key
}

func (s *section) has(key string) bool {
	for _, k := range s.keys {
		if k.name == key {
			return true
		}
	}
	return false
}

// lineOf is where a key stands, or its table if it is not there.
func (s *section) lineOf(key string) int {
	for _, k := range s.keys {
		if k.name == key {
			return k.value.line
		}
	}
	return s.line
}

// text returns a key's text, or the other one if it is not there.
func (s *section) text(key, other string) string {
	v, ok := s.take(key, kindText)
	if !ok {
		return other
	}
	if strings.ContainsRune(v.text, 0) {
		s.p.Add(v.line, "%s has a zero byte in it", s.full(key))
		return other
	}
	return v.text
}

// flag returns a key's flag.
func (s *section) flag(key string, other bool) bool {
	v, ok := s.take(key, kindFlag)
	if !ok {
		return other
	}
	return v.text == "true"
}

// number returns a key's number from low to high.
func (s *section) number(key string, other, low, high uint64) uint64 {
	v, ok := s.take(key, kindNumber)
	if !ok {
		return other
	}
	n, ok := whole(v.text)
	if !ok || n < low || n > high {
		s.p.Add(v.line, "%s = %s: it is from %d to %d", s.full(key), v.text, low, high)
		return other
	}
	return n
}

// whole reads TOML's ways of writing a whole number; one that does not fit is
// the largest there is.
func whole(text string) (uint64, bool) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "_", ""), "+")
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil && !strings.HasPrefix(text, "-") {
		return math.MaxUint64, true
	}
	return n, err == nil
}

// choice returns which of the words a key has; 0 is the first one, also if the
// key is not there.
func (s *section) choice(key string, words ...string) int {
	v, ok := s.take(key, kindText)
	if !ok {
		return 0
	}
	for i, w := range words {
		if v.text == w {
			return i
		}
	}
	s.p.Add(v.line, "%s = %q: it is one of %s%s", s.full(key), v.text, `"`+strings.Join(words, `", "`)+`"`, meant(v.text, words))
	return 0
}

// rest notes every key that nobody asked for.
func (s *section) rest(elsewhere ...string) {
	for _, k := range s.keys {
		if !k.used {
			s.p.Add(k.value.line, "there is no key %q%s", s.full(k.name), meant(k.name, append(s.known, elsewhere...)))
		}
	}
}

// meant suggests the word that differs least from one that is wrong.
func meant(word string, words []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(word), w); d < least {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + strconv.Quote(best) + "?"
}

// distance counts the letters to put in, leave out or change to make b of a; two
// neighbours that changed places count twice.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
