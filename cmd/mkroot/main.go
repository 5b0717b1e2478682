// Command mkroot makes the root partition's initramfs, and that of guests.
//
// The one idea: the kernel takes several archives one after another, so each
// part is a file of its own that is made again only when what it is made of has
// changed: the busybox, our tools, one flavour's modules, guests to start.
package main

import (
	"flag"
	"fmt"
	"os"
)

const usage = `mkroot makes the initramfs of root and of guests, in parts that "join" puts together.

  mkroot busybox -o FILE                  u-root's commands, as tools.go lists them
  mkroot tools   -o FILE [-guest] [-test] hvinit and hvctl; -guest leaves hvctl out; -test adds hvtest
  mkroot modules -o FILE [-flavour F]     modules of Debian's kernel (cloud, standard)
                         [-dir DIR]       or of the one whose /lib/modules/VERSION is DIR
  mkroot guests  -o FILE -initrd FILE     a guest's kernel and initramfs, and files such as
             [-to FOLDER] FILE...         guest files; those in etc/guests start with root
  mkroot files   -o FILE -to FOLDER FILE...   any files
  mkroot join    -o FILE [-quick] PART... the parts, one after another; -quick: packed anew, to be unpacked quickly
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
	guest := fs.Bool("guest", false, "what a guest has")
	initrd := fs.String("initrd", "", "a guest's initramfs")
	to := fs.String("to", "etc/guests", "folder for files")
	flavour := fs.String("flavour", "cloud", "Debian kernel")
	quick := fs.Bool("quick", false, "pack parts anew")
	dir := fs.String("dir", "", "folder of modules")
	fs.Parse(args[1:])
	if *out == "" {
		return fmt.Errorf("-o FILE is missing")
	}
	switch args[0] {
	case "busybox":
		return busybox(*out)
	case "tools":
		return tools(*out, *guest, *test)
	case "guests":
		return guests(*out, *flavour, *initrd, *to, fs.Args())
	case "files":
		return pack(*out, nil, *to, fs.Args())
	case "modules":
		return modules(*out, *flavour, *dir)
	case "join":
		return join(*out, *quick, fs.Args())
	}
	return fmt.Errorf("there is no part %q", args[0])
}
