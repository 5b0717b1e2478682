package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// files are the few that programs look for by name.
var files = map[string]string{
	"etc/passwd": "root:x:0:0:root:/root:/bbin/gosh\nnobody:x:65534:65534:nobody:/:/bbin/false\n",
	"etc/group":  "root:x:0:\nnogroup:x:65534:\n",
}

// tools builds our own programs: root's, or a guest's.
func tools(out string, guest, test bool) error {
	work, err := os.MkdirTemp("", "mkroot-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	programs := []string{"hvinit"}
	if !guest {
		programs = append(programs, "hvctl")
	}
	if test {
		programs = append(programs, "hvtest")
	}
	a := newArchive()
	for _, name := range programs {
		to := filepath.Join(work, name)
		cmd := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", to, "perdure/cmd/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, text)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			return err
		}
		a.addFile("bin/"+name, b, 0o755)
	}
	a.addLink("init", "bin/hvinit")
	for _, name := range []string{"poweroff", "reboot", "halt"} {
		a.addLink("bin/"+name, "hvinit")
	}
	for _, name := range []string{"etc/passwd", "etc/group"} {
		a.addFile(name, []byte(files[name]), 0o644)
	}
	return a.write(out)
}
