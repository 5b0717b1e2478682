package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// mounts are the file systems that a Linux userland takes for granted.
var mounts = []struct {
	kind, at string
	flags    uintptr
	data     string
}{
	{"devtmpfs", "/dev", unix.MS_NOSUID, "mode=0755"},
	{"proc", "/proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"sysfs", "/sys", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"tmpfs", "/tmp", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
	{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755"},
	{"devpts", "/dev/pts", unix.MS_NOSUID | unix.MS_NOEXEC, "ptmxmode=0666,mode=0620"},
}

// mountAll mounts what is not mounted yet.
func mountAll() {
	for _, m := range mounts {
		if err := os.MkdirAll(m.at, 0o755); err != nil {
			complain("%v", err)
		}
		if err := unix.Mount(m.kind, m.at, m.kind, m.flags, m.data); err != nil && err != unix.EBUSY {
			complain("mount %s on %s: %v", m.kind, m.at, err)
		}
	}
	os.MkdirAll("/root", 0o700)
}
