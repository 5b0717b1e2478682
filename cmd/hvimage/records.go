package main

import (
	"cmp"
	"io"
	"slices"

	"perdure/hhr/image"
	"perdure/hhr/record"
	"perdure/mm/kept"
)

// printLayouts writes the layouts of the kept records that this command's source
// has, as an image carries them.
func printLayouts(out io.Writer, args []string) error {
	l, err := record.Describe()
	if err != nil {
		return err
	}
	_, err = out.Write(l.Encode())
	return err
}

// recordsOf makes the list in the manifest of the layouts.
func recordsOf(layouts []byte) (list []image.Record, err error) {
	l, err := record.Decode(layouts)
	if err != nil {
		return nil, err
	}
	for i := range l.Tables {
		t := &l.Tables[i]
		list = append(list, image.Record{
			Number: uint32(t.Kind), Version: uint32(t.Version), Reads: uint32(t.Reads), Writes: uint32(t.Reads), Bytes: uint32(t.Stride),
			Drop: t.Marks&kept.Drop != 0, Layout: l.Layout(t),
		})
	}
	slices.SortFunc(list, func(a, b image.Record) int { return cmp.Compare(a.Number, b.Number) })
	return list, nil
}

// converts says what speaks against making one image's records of the other's, and
// whether they are the same.
func converts(from, to []byte) (same bool, bad []string) {
	a, err := record.Decode(from)
	if err == nil {
		var b *record.Layouts
		if b, err = record.Decode(to); err == nil {
			var c *record.Change
			if c, err = record.Compare(a, b, false); err == nil {
				return c.Same, nil
			}
		}
	}
	if why, ok := err.(record.Unfit); ok {
		return false, why
	}
	return false, []string{err.Error()}
}
