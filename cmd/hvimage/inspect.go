package main

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"perdure/hhr/image"
	"perdure/mm/kept"
)

// imageJSON is the answer of "hvimage inspect -json".
type imageJSON struct {
	File     string       `json:"file"`
	Build    string       `json:"build"`
	Release  string       `json:"release"`
	Bytes    int          `json:"bytes"`
	Digest   string       `json:"blake3"`
	Key      string       `json:"key"`
	Home     uint64       `json:"home"`
	Program  uint64       `json:"program"`
	Blackout uint64       `json:"blackout"`
	Entry    uint32       `json:"entry_protocol"`
	Handoff  uint32       `json:"handoff_protocol"`
	Bad      string       `json:"bad,omitempty"`
	Records  []recordJSON `json:"records"`
	Problems []string     `json:"problems"`
}

// recordJSON is a kind of kept record. The layout is a number that programs which
// take numbers for floating point would spoil, so it is text.
type recordJSON struct {
	Number  uint32 `json:"number"`
	Name    string `json:"name"`
	Version uint32 `json:"version"`
	Reads   uint32 `json:"reads_from"`
	Writes  uint32 `json:"writes_from"`
	Bytes   uint32 `json:"bytes"`
	Layout  string `json:"layout"`
	Drop    bool   `json:"may_be_dropped"`
}

func recordViews(records []image.Record) []recordJSON {
	list := []recordJSON{}
	for _, r := range records {
		list = append(list, recordJSON{r.Number, kept.Kind(r.Number).String(), r.Version, r.Reads, r.Writes, r.Bytes, fmt.Sprintf("%016x", r.Layout), r.Drop})
	}
	return list
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
			if *asJSON {
				err = emit(out, imageJSON{File: args[0], Bytes: len(file), Records: []recordJSON{}, Problems: problems(err)})
			} else {
				_, err = fmt.Fprintf(out, "%s: %v\n", args[0], err)
			}
			return cmp.Or(err, errUnfit)
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
			m.Bad, recordViews(m.Records), problems(err)}
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
	row("blake3", "%s", j.Digest)
	row("key", "%s", j.Key)
	row("needs", "%d MiB for its home, %d KiB of it for the Go program", j.Home>>20, j.Program>>10)
	row("promises", "a blackout of at most %d instructions per processor", j.Blackout)
	row("speaks", "entry protocol %d, handoff protocol %d", j.Entry, j.Handoff)
	row("records", "%d kinds of kept record:", len(j.Records))
	for _, r := range j.Records {
		row("", "%3d %-20v version %d, reads from %d, writes from %d, %6d bytes, layout %s%s", r.Number, r.Name, r.Version, r.Reads, r.Writes, r.Bytes, r.Layout,
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
