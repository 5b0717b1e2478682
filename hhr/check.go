package hhr

import (
	"perdure/boot"
	"perdure/hhr/image"
	"perdure/hhr/mirror"
	"perdure/kernel"
	"perdure/partition"
	"perdure/partition/abi"
)

// hashed is how many bytes of an image are looked at in one piece.
const hashed = 1 << 10

// check judges the image file and the records that it declares, and lets the
// candidate begin.
func check(r *partition.Restart) (done bool, why string) {
	r.Alive(bootSeconds)
	if r.Checked == 0 {
		if done, why = apart(r, func() string { return judge(r) }); !done || why != "" {
			return false, why
		}
		r.Checked = 1
		r.Launch(judged)
	}
	return true, ""
}

// judged is where the image that was found good is entered: an offset in its file.
var judged uint64

// judge says what speaks against the image.
func judge(r *partition.Restart) (why string) {
	c := image.Begin(r.File(), trusted(r), running(r))
	for !c.Step(hashed) {
		if partition.Breathe(); dropped.Load() {
			return "nobody wants it any more"
		}
	}
	img, err := c.Result()
	abi.SetText(r.Report.To[:len(r.Report.To)-1], img.Manifest.Build)
	if err != nil {
		return err.Error()
	}
	full := r.Report.Flags&abi.RestartFull != 0
	same, err := mirror.Fits(img.Layouts, full)
	if err != nil {
		return err.Error()
	}
	if r.Report.Budget == 0 && !full {
		r.Report.Budget = img.Manifest.Blackout
	}
	judged = img.Load.Offset + img.Load.Entry
	return expect(r, !same)
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
