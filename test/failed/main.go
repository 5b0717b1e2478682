// Command failed says once more, at the end and in short, what the failed tests of a
// log of go test -v have said.
//
// The one idea: what a test says line by line belongs to the test named last; of a
// failed one the last few entries count that are no command gone well.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

const (
	entries = 8  // of a failed test that are repeated, at most
	lines   = 16 // of each entry, its first and last ones
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: failed FILE, the output of go test -v")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err == nil {
		err = again(f, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "failed:", err)
		os.Exit(1)
	}
}

var (
	now   = regexp.MustCompile(`^=== (?:RUN|CONT|NAME)\s+(\S+)`)
	over  = regexp.MustCompile(`^\s*--- (FAIL|PASS|SKIP): (\S+)`)
	entry = regexp.MustCompile(`^    [\w./-]+\.go:\d+: `)
	well  = regexp.MustCompile(`: status 0\s*$`)
	crash = regexp.MustCompile(`^(panic|fatal error): `)
)

// again reads a log and writes what its failed tests have said.
func again(from io.Reader, to io.Writer) error {
	said := map[string][][]string{} // entries by test
	name, open := "", false         // whose lines these are, and whether one belongs to an entry
	var crashed []string
	in := bufio.NewScanner(from)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		line := in.Text()
		switch {
		case now.MatchString(line):
			name, open = now.FindStringSubmatch(line)[1], false
		case over.MatchString(line):
			open = false
			if m := over.FindStringSubmatch(line); m[1] == "FAIL" {
				fmt.Fprintln(to, strings.TrimSpace(line))
				tell(to, said[m[2]])
			}
		case entry.MatchString(line):
			if open = !well.MatchString(line); open {
				said[name] = append(said[name], []string{line})
			}
		case crash.MatchString(line) || len(crashed) > 0:
			crashed = append(crashed, line)
		case open:
			last := len(said[name]) - 1
			said[name][last] = append(said[name][last], line)
		}
	}
	tell(to, [][]string{crashed})
	return in.Err()
}

// tell writes the last entries, each in short.
func tell(to io.Writer, all [][]string) {
	for _, e := range all[max(0, len(all)-entries):] {
		if n := len(e); n > lines {
			e = slices.Concat(e[:lines/2], []string{fmt.Sprintf("        … %d lines", n-lines)}, e[n-lines/2:])
		}
		for _, line := range e {
			fmt.Fprintln(to, line)
		}
	}
}
