package hhr

import (
	"perdure/boot"
	"perdure/hhr/image"
	"perdure/hhr/mirror"
	"perdure/kernel"
	"perdure/partition"
	"perdure/partition/abi"
)

// hashed is how many bytes of an image are looked at in one step.
const hashed = 8 << 10

// checking is the check of an image that is under way. It is volatile: who loses
// it loses the restart.
var checking *image.Checking

// check judges the image file and the records that it declares, and lets the
// candidate begin.
func check(r *partition.Restart) (done bool, why string) {
	r.Alive(bootSeconds)
	if r.Checked == 0 {
		checking = image.Begin(r.File(), trusted(r), running(r))
		r.Checked = 1
	}
	if !checking.Step(hashed) {
		r.Again()
		return false, ""
	}
	img, err := checking.Result()
	checking = nil
	abi.SetText(r.Report.To[:len(r.Report.To)-1], img.Manifest.Build)
	if err != nil {
		return false, err.Error()
	}
	full := r.Report.Flags&abi.RestartFull != 0
	same, err := mirror.Fits(img.Layouts, full)
	if err != nil {
		return false, err.Error()
	}
	if r.Report.Budget == 0 && !full {
		r.Report.Budget = img.Manifest.Blackout
	}
	if why := expect(r, !same); why != "" {
		return false, why
	}
	r.Launch(img.Load.Offset + img.Load.Entry)
	return true, ""
}

// trusted is the key whose images are taken.
func trusted(r *partition.Restart) image.Key {
	if k := image.Key(r.Key()); k != (image.Key{}) {
		return k
	}
	return image.BuiltinKey()
}

// running says what this instance is, for the comparison with another one.
func running(r *partition.Restart) *image.Running {
	return &image.Running{
		Manifest: image.Manifest{Build: partition.Build, Release: partition.Release, Entry: boot.PageVersion, Handoff: kernel.SeatVersion},
		Force:    r.Report.Flags&abi.RestartForce != 0, Room: kernel.Boot().HomeSize,
	}
}
