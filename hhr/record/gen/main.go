// Command gen writes the numbers of the fields of kept records, and their schema.
//
// The one idea: a number that was given out stays, for every build there ever
// was, so this program only adds to what it finds.
package main

import (
	"flag"
	"fmt"
	"os"

	"perdure/hhr/record"
	_ "perdure/partition" // has the tables
)

func main() {
	only := flag.Bool("numbers", false, "write no schema")
	flag.Parse()
	if err := write(*only); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(only bool) (err error) {
	if record.Numbers, err = record.Numbered(); err != nil {
		return err
	}
	if err := os.WriteFile("numbers.txt", []byte(record.Numbers), 0o644); err != nil || only {
		return err
	}
	schema, err := record.Schema()
	if err != nil {
		return err
	}
	return os.WriteFile("../../docs/state.proto", []byte(schema), 0o644)
}
