package main

import (
	"errors"
	"flag"
	"fmt"

	"perdure/cmd/internal/guest"
	"perdure/cmd/internal/guestfile"
)

var cmdCreate = command{
	name:  "create",
	args:  " FILE.toml",
	short: "Make a guest of a file, and load its kernel",
	long: `The file is judged as a whole: all that is wrong is said at once, with line
numbers, and the guest is made only if nothing is. docs/guests.md has the keys.
The guest does not run yet: "hvctl start NAME" starts it, or --start here.`,
	flags: func(fs *flag.FlagSet) func(*env, []string) error {
		check := fs.Bool("check", false, "only judge the file and what it names; make nothing")
		start := fs.Bool("start", false, "start it too")
		return func(e *env, args []string) error { return create(e, args, *check, *start) }
	},
}

// createJSON is the answer of "hvctl create --json".
type createJSON struct {
	Good     bool                `json:"good"`
	Name     string              `json:"name,omitempty"`
	ID       *uint32             `json:"id"` // null if none was made
	Kernel   string              `json:"kernel,omitempty"`
	Bytes    uint64              `json:"bytes,omitempty"` // that were loaded, or would be
	Note     string              `json:"note,omitempty"`
	Problems []guestfile.Problem `json:"problems"`
}

func create(e *env, args []string, check, start bool) error {
	if len(args) != 1 {
		return usageError("it wants the name of one file")
	}
	answer := createJSON{Problems: []guestfile.Problem{}}
	g, err := guestfile.Read(args[0])
	var problems *guestfile.Problems
	if errors.As(err, &problems) && e.json {
		answer.Problems = problems.List
		return errors.Join(e.emit(answer), &fileError{nil})
	}
	if err != nil {
		return &fileError{err}
	}
	b, err := guest.Prepare(g)
	if err != nil {
		return &fileError{fmt.Errorf("%s: %w", args[0], err)}
	}
	defer b.Close()
	answer.Good, answer.Name, answer.Kernel, answer.Bytes, answer.Note = true, g.Name, b.Plan.Kind, b.Plan.Bytes(), b.Plan.Note
	text := "is good"
	if !check {
		id, err := e.make(g, b, start)
		if err != nil {
			return err
		}
		answer.ID, text = &id, fmt.Sprintf("is partition %d", id)
		if start {
			text += " and runs"
		}
	}
	if e.json {
		return e.emit(answer)
	}
	fmt.Fprintf(e.out, "%s %s: %s, %s to load\n", g.Name, text, b.Plan.Kind, size(b.Plan.Bytes()))
	if b.Plan.Note != "" {
		fmt.Fprintf(e.err, "hvctl create: note: %s\n", b.Plan.Note)
	}
	if !start && !check {
		fmt.Fprintf(e.out, "\"hvctl start %s\" starts it, \"hvctl console %s\" is its console\n", g.Name, g.Name)
	}
	return nil
}

// make makes the guest, and starts it if it shall.
func (e *env) make(g *guestfile.Guest, b *guest.Boot, start bool) (id uint32, err error) {
	h, err := e.host(g.Name)
	if err != nil {
		return 0, err
	}
	defer h.end()
	if id, err = h.Create(g, b); err == nil && start {
		err = h.Start(g.Name)
	}
	return id, err
}

// fileError is a guest file, or a file that it names, that no guest can be made of.
type fileError struct{ err error }

func (f *fileError) Unwrap() error { return f.err }

func (f *fileError) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}
