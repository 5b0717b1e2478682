package main

import (
	"io"

	"perdure/hhr/image"
)

// printRecords prints what kept records this command's source has.
func printRecords(out io.Writer, args []string) error {
	return emit(out, []image.Record{})
}
