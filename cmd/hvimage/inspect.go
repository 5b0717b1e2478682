package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"perdure/hhr/image"
	"perdure/hhr/image/sign"
	"perdure/mm/kept"
)

// imageJSON is the answer of "hvimage inspect -json".
type imageJSON struct {
	File     string         `json:"file"`
	Build    string         `json:"build"`
	Release  string         `json:"release"`
	Bytes    int            `json:"bytes"`
	Digest   string         `json:"sha512"`
	Key      string         `json:"key"`
	Home     uint64         `json:"home"`
	Program  uint64         `json:"program"`
	Blackout uint64         `json:"blackout"`
	Entry    uint32         `json:"entry_protocol"`
	Handoff  uint32         `json:"handoff_protocol"`
	Bad      string         `json:"bad,omitempty"`
	Records  []image.Record `json:"records"`
	Problems []string       `json:"problems"`
}

func emit(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func inspectFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	asJSON := fs.Bool("json", false, "answer in JSON")
	trust := fs.String("trust", "", "public `key` that must have signed it, in hexadecimal; without it the one that it names")
	return func(out io.Writer, args []string) error {
		if err := names(args, 1); err != nil {
			return err
		}
		file, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		m, err := image.Read(file)
		if err != nil {
			fmt.Fprintf(out, "%s: %v\n", args[0], err)
			return errUnfit
		}
		key := m.Key
		if *trust != "" {
			var ok bool
			if key, ok = image.ParseKey(*trust); !ok {
				return usageError("-trust wants the 64 hexadecimal digits of a key")
			}
		}
		_, err = image.Check(file, key, nil)
		j := imageJSON{args[0], m.Build, m.Release, len(file), hex.EncodeToString(m.Digest[:]), m.Key.String(), m.Home, m.Program, m.Blackout, m.Entry, m.Handoff,
			m.Bad, m.Records, problems(err)}
		if *asJSON {
			err = emit(out, j)
		} else {
			err = j.print(out)
		}
		if len(j.Problems) > 0 {
			return errUnfit
		}
		return err
	}
}

// problems lists the reasons of an error.
func problems(err error) []string {
	var bad image.Unfit
	errors.As(err, &bad)
	return append([]string{}, bad...)
}

func (j imageJSON) print(out io.Writer) error {
	var b strings.Builder
	row := func(name, form string, args ...any) {
		fmt.Fprintf(&b, "%-9s "+form+"\n", append([]any{name}, args...)...)
	}
	row("image", "%s, %d bytes", j.File, j.Bytes)
	row("build", "%s, release %s", j.Build, j.Release)
	row("sha512", "%s", j.Digest)
	row("key", "%s", j.Key)
	row("needs", "%d MiB for its home, %d KiB of it for the Go program", j.Home>>20, j.Program>>10)
	row("promises", "a blackout of at most %d instructions per processor", j.Blackout)
	row("speaks", "entry protocol %d, handoff protocol %d", j.Entry, j.Handoff)
	row("records", "%d kinds of kept record:", len(j.Records))
	for _, r := range j.Records {
		row("", "%3d %-20v version %d, reads from %d, writes from %d, %6d bytes, layout %016x%s", r.Number, kept.Kind(r.Number), r.Version, r.Reads, r.Writes, r.Bytes, r.Layout,
			map[bool]string{true: ", may be dropped"}[r.Drop])
	}
	if j.Bad != "" {
		row("bad", "it does something wrong on purpose: %s", j.Bad)
	}
	for _, p := range j.Problems {
		row("PROBLEM", "%s", p)
	}
	if len(j.Problems) == 0 {
		row("verdict", "whole, and signed by that key")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// compatJSON is the answer of "hvimage compat -json".
type compatJSON struct {
	Fits     bool     `json:"fits"`
	Same     bool     `json:"same_layout"`
	Problems []string `json:"problems"`
}

func compatFlags(fs *flag.FlagSet) func(io.Writer, []string) error {
	asJSON := fs.Bool("json", false, "answer in JSON")
	return func(out io.Writer, args []string) error {
		if err := names(args, 2); err != nil {
			return err
		}
		var m [2]image.Manifest
		var layouts [2][]byte
		for i, name := range args {
			file, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			if m[i], err = image.Read(file); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			layouts[i] = m[i].LayoutsOf(sign.Body(file))
		}
		same, bad := false, []string(image.Compat(&m[0], &m[1]))
		if bad == nil {
			same, bad = converts(layouts[0], layouts[1])
		}
		j := compatJSON{bad == nil, same, append([]string{}, bad...)}
		switch {
		case *asJSON:
			if err := emit(out, j); err != nil {
				return err
			}
		case j.Same:
			fmt.Fprintf(out, "%s can replace %s: the same layout of kept state, records stay in place\n", m[1].Build, m[0].Build)
		case j.Fits:
			fmt.Fprintf(out, "%s can replace %s: another layout of kept state, records are converted\n", m[1].Build, m[0].Build)
		default:
			fmt.Fprintf(out, "%s cannot replace %s:\n", m[1].Build, m[0].Build)
			for _, p := range bad {
				fmt.Fprintf(out, "  %s\n", p)
			}
		}
		if !j.Fits {
			return errUnfit
		}
		return nil
	}
}
