// Command mkroot makes the root partition's initramfs.
//
// The one idea: the kernel takes several archives one after another, so each
// part is a file of its own that is made again only when what it is made of has
// changed: the busybox, our tools, one flavour's modules.
package main

import (
	"flag"
	"fmt"
	"os"
)

const usage = `mkroot makes the root partition's initramfs, in parts that "join" puts together.

  mkroot busybox -o FILE                  u-root's commands, as tools.go lists them
  mkroot tools   -o FILE [-test]          hvinit and hvctl; -test adds hvtest
  mkroot modules -o FILE [-flavour F]     modules of Debian's kernel (cloud, standard)
                         [-dir DIR]       or of the one whose /lib/modules/VERSION is DIR
  mkroot join    -o FILE PART...          the parts, one after another
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "mkroot: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	fs := flag.NewFlagSet("mkroot "+args[0], flag.ExitOnError)
	fs.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	out := fs.String("o", "", "file to make")
	test := fs.Bool("test", false, "add hvtest")
	flavour := fs.String("flavour", "cloud", "Debian kernel")
	dir := fs.String("dir", "", "folder of modules")
	fs.Parse(args[1:])
	if *out == "" {
		return fmt.Errorf("-o FILE is missing")
	}
	switch args[0] {
	case "busybox":
		return busybox(*out)
	case "tools":
		return tools(*out, *test)
	case "modules":
		return modules(*out, *flavour, *dir)
	case "join":
		return join(*out, fs.Args())
	}
	return fmt.Errorf("there is no part %q", args[0])
}
