package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"perdure/hhr/image"
	"perdure/hhr/image/sign"
)

// compatJSON is the answer of "hvimage compat -json".
type compatJSON struct {
	Fits     bool     `json:"fits"`
	Same     bool     `json:"same_layout"`
	Problems []string `json:"problems"`
	Notes    []string `json:"notes"` // what does not speak against it, and wants to be known
}

func compatFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	asJSON := fs.Bool("json", false, "answer in JSON")
	return func(out io.Writer, args []string) error {
		if err := names(args, 2); err != nil {
			return err
		}
		var m [2]image.Manifest
		var layouts [2][]byte
		damaged := []string{}
		for i, name := range args {
			file, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			var wrong error
			if m[i], wrong = whole(name, file); wrong != nil {
				damaged = append(damaged, wrong.Error())
				continue
			}
			layouts[i] = m[i].LayoutsOf(sign.Body(file))
		}
		j := compatJSON{Problems: damaged, Notes: []string{}}
		if len(damaged) == 0 {
			j.judge(&m, &layouts)
		}
		switch {
		case *asJSON:
			if err := emit(out, j); err != nil {
				return err
			}
		case len(damaged) > 0:
			for _, p := range damaged {
				fmt.Fprintln(out, p)
			}
		case j.Same:
			fmt.Fprintf(out, "%s can replace %s: the same layout of kept state, records stay in place\n", m[1].Build, m[0].Build)
		case j.Fits:
			fmt.Fprintf(out, "%s can replace %s: another layout of kept state, records are converted\n", m[1].Build, m[0].Build)
		default:
			fmt.Fprintf(out, "%s cannot replace %s:\n", m[1].Build, m[0].Build)
			for _, p := range j.Problems {
				fmt.Fprintf(out, "  %s\n", p)
			}
		}
		if !*asJSON {
			for _, n := range j.Notes {
				fmt.Fprintf(out, "note: %s\n", n)
			}
		}
		if !j.Fits {
			return errUnfit
		}
		return nil
	}
}

// judge compares two images that are whole.
func (j *compatJSON) judge(m *[2]image.Manifest, layouts *[2][]byte) {
	bad := []string(image.Compat(&m[0], &m[1]))
	if bad == nil {
		j.Same, bad = converts(layouts[0], layouts[1])
	}
	j.Fits, j.Problems = bad == nil, append(j.Problems, bad...)
	if m[0].Build == m[1].Build {
		j.Notes = append(j.Notes, "it is the same build, which \"hvctl restart\" takes with --force")
	}
	if m[0].Key != m[1].Key {
		j.Notes = append(j.Notes, "they are signed by different keys: who trusts only "+m[0].Key.String()+" refuses it")
	}
}
