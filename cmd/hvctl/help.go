package main

import (
	"flag"
	"fmt"
	"io"
)

func help(w io.Writer) {
	fmt.Fprint(w, `hvctl asks Perdure, the hypervisor below this partition, what it is doing, and makes
and runs guests.

Usage: hvctl COMMAND [flags]

`)
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(w, "  %-9s %s\n", c.name, c.short)
		}
	}
	fmt.Fprint(w, `
Every command takes --json, and -h for its own help.

Exit status: 0 all is well; 1 the hypervisor refused, or a check found something
wrong; 2 the command line; 3 this is not a partition of Perdure; 4 no permission
(hvctl needs root); 5 a guest file, or a file that it names, is wrong; 6 no such
partition; 7 the partition's state does not allow that; 8 not enough memory or room;
9 it took too long.

Start with: hvctl info
`)
}

func (c command) help(w io.Writer, fs *flag.FlagSet) {
	fmt.Fprintf(w, "%s\n\nUsage: hvctl %s%s [flags]\n\n", c.short, c.name, c.args)
	if c.long != "" {
		fmt.Fprintf(w, "%s\n\n", c.long)
	}
	fs.VisitAll(func(f *flag.Flag) {
		dashes := "--"
		if len(f.Name) == 1 {
			dashes = "-"
		}
		value, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  %-16s %s", dashes+f.Name+" "+value, text)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" {
			fmt.Fprintf(w, " (%s)", f.DefValue)
		}
		fmt.Fprintln(w)
	})
}
