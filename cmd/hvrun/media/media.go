// Package media makes disks that boot.
//
// The one idea: a boot disk is GRUB followed by a partition that is a plain tar
// archive, which GRUB reads as it lies there. Nothing is formatted or mounted,
// a disk takes no longer to make than to write, and BIOS and UEFI machines
// start from the same one.
package media

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A File is one file on the boot disk. Words are what the loader hands on
// with it.
type File struct {
	Path  string
	Words string
}

// A Disk says what a boot disk holds. Either the image is booted by multiboot2
// with modules, or, where there is no image, the first module as a Linux
// kernel with the second one as its initramfs.
type Disk struct {
	Image   File
	Modules []File
	UEFI    bool     // also starts on UEFI machines, not only on BIOS
	ACPI    []string // tables to hide from what is booted, by signature
}

const (
	sector    = 512
	cylinder  = 16 * 63 * sector
	tarOffset = 1 << 20 // GRUB lies before it
	typeLinux = 0x83
	typeEFI   = 0xef
)

// Write makes the disk as a file.
func (d Disk) Write(path string) error {
	work, err := os.MkdirTemp("", "hvrun-grub-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	boot, core, err := biosLoader(work, d.config("(hd0,msdos1)"))
	if err != nil {
		return err
	}
	if sector+len(core) > tarOffset {
		return fmt.Errorf("GRUB takes %d bytes, more than fit before the first partition", len(core))
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(core, sector); err != nil {
		return err
	}
	if _, err := f.Seek(tarOffset, io.SeekStart); err != nil {
		return err
	}
	if err := d.writeTar(f); err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	table := [][3]int64{{typeLinux, tarOffset, end - tarOffset}}
	if d.UEFI {
		esp, err := espImage(work, d.config(""))
		if err != nil {
			return err
		}
		start := roundUp(end, tarOffset)
		if _, err := f.WriteAt(esp, start); err != nil {
			return err
		}
		end = start + int64(len(esp))
		table = append(table, [3]int64{typeEFI, start, int64(len(esp))})
	}
	if _, err := f.WriteAt(bootRecord(boot, table), 0); err != nil {
		return err
	}
	if err := f.Truncate(roundUp(end, cylinder)); err != nil {
		return err
	}
	return f.Close()
}

func roundUp(n, to int64) int64 { return (n + to - 1) / to * to }

// bootRecord puts a partition table into GRUB's boot sector, where GRUB keeps
// code for floppy disks.
func bootRecord(boot []byte, table [][3]int64) []byte {
	record := bytes.Clone(boot)
	clear(record[446:510])
	for i, p := range table {
		e := record[446+16*i:][:16]
		e[0], e[1], e[2], e[3] = 0, 0xfe, 0xff, 0xff // sectors count, not cylinders
		e[4], e[5], e[6], e[7] = byte(p[0]), 0xfe, 0xff, 0xff
		binary.LittleEndian.PutUint32(e[8:], uint32(p[1]/sector))
		binary.LittleEndian.PutUint32(e[12:], uint32(roundUp(p[2], sector)/sector))
	}
	record[446] = 0x80 // active: old BIOSes want one
	record[510], record[511] = 0x55, 0xaa
	return record
}

// files lists the files by the names that they have in the archive.
func (d Disk) files() (names []string, files []File) {
	if d.Image.Path != "" {
		names, files = append(names, "perdure.img"), append(files, d.Image)
	}
	for i, m := range d.Modules {
		names, files = append(names, fmt.Sprintf("module%d", i)), append(files, m)
	}
	return names, files
}

func (d Disk) writeTar(w io.Writer) error {
	t := tar.NewWriter(w)
	names, files := d.files()
	for i, f := range files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			return err
		}
		if err := t.WriteHeader(&tar.Header{Name: names[i], Mode: 0o644, Size: int64(len(text)), Format: tar.FormatUSTAR}); err != nil {
			return err
		}
		if _, err := t.Write(text); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(f.Path), err)
		}
	}
	return t.Close()
}

// config is what GRUB does, with the archive on the given device, or on one
// that it looks for. Its output goes to the serial line; it prints only errors.
func (d Disk) config(device string) string {
	names, files := d.files()
	var b strings.Builder
	b.WriteString("serial --unit=0 --speed=115200\nterminal_output serial\n")
	if device == "" {
		fmt.Fprintf(&b, "search --no-floppy --set=root --file /%s\n", names[0])
		device = "($root)"
	}
	if len(d.ACPI) > 0 {
		fmt.Fprintf(&b, "acpi --exclude=%s\n", strings.Join(d.ACPI, ","))
	}
	commands := []string{"linux", "initrd"}
	if d.Image.Path != "" {
		commands = []string{"multiboot2"}
	}
	for i, f := range files {
		command := "module2"
		if i < len(commands) {
			command = commands[i]
		}
		fmt.Fprintf(&b, "%s %s/%s%s\n", command, device, names[i], quote(f.Words))
	}
	b.WriteString("boot\n")
	return b.String()
}

// quote keeps GRUB from reading anything into words.
func quote(words string) string {
	var b strings.Builder
	for _, w := range strings.Fields(words) {
		b.WriteString(" '" + strings.ReplaceAll(w, "'", `'\''`) + "'")
	}
	return b.String()
}
