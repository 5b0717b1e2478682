package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Open opens the image file of a disk of that many bytes. Its errors say what
// can be done about them.
func Open(path string, capacity uint64, readOnly bool) (*os.File, error) {
	mode := os.O_RDWR
	if readOnly {
		mode = os.O_RDONLY
	}
	f, err := os.OpenFile(path, mode, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist: put the image there, or make an empty one: truncate -s %d %s", path, capacity, path)
	case errors.Is(err, fs.ErrPermission) && !readOnly:
		return nil, fmt.Errorf("%s cannot be written (%w): allow it, or say readonly = true for that disk in the guest's file", path, err)
	case err != nil:
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = fits(info, path, capacity)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// fits reports what is wrong with an image file.
func fits(info fs.FileInfo, path string, capacity uint64) error {
	switch {
	case info.Mode()&fs.ModeDevice != 0: // a partition of a real disk: its size is not here
		return nil
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a disk", path)
	case uint64(info.Size()) < capacity:
		return fmt.Errorf("%s has %d bytes, but the guest was created with a disk of %d: make it longer again (truncate -s %d %s), or destroy the guest and create it anew",
			path, info.Size(), capacity, capacity, path)
	}
	return nil
}
