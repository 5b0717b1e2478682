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
	if err := put("numbers.txt", record.Numbers); err != nil || only {
		return err
	}
	schema, err := record.Schema()
	if err != nil {
		return err
	}
	return put("../../docs/state.proto", schema)
}

// put writes a file if it has to be: make goes by its time.
func put(name, text string) error {
	if is, err := os.ReadFile(name); err == nil && string(is) == text {
		return nil
	}
	return os.WriteFile(name, []byte(text), 0o644)
}
