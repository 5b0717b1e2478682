package partition

import (
	"encoding/binary"
	"runtime"

	"perdure/boot"
	"perdure/kernel"
	"perdure/kernel/console"
	"perdure/mm"
	"perdure/mm/addr"
)

// plenty is how much memory a machine has at least that gets a standby without asking.
// Firmware has some of its 4 GiB.
const plenty = 4<<30 - 64<<20

// provide claims memory for a standby, if one is wanted and there is enough.
func (h *Host) provide(info *boot.Info) {
	switch w := info.Options.Standby; {
	case w == boot.StandbyOn:
	case w == boot.StandbyAuto && info.Map.RAM(info.Map.Top()) >= plenty:
	default:
		return
	}
	s := &h.Standby
	at, err := mm.AllocBelow(1<<32, homeSize, page2M, mm.Home)
	if err == nil {
		if s.Home, err = uint64(at), s.keep(); err != nil {
			_ = mm.Release(at, homeSize, mm.Home)
		}
	}
	if err != nil {
		console.Say(console.Warn).Str("standby: ").Str(err.Error()).End()
		*s = Standby{}
		return
	}
	s.State, s.Watch = StandbyWanted, 1
}

// imageUnit is what the room for an image file is a multiple of: most builds fit
// where another one was.
const imageUnit = 4 << 20

// keep copies the file that this instance came from to where it lasts.
func (s *Standby) keep() error {
	p := kernel.Boot()
	if p.FileSize > s.Room {
		room := (p.FileSize + imageUnit - 1) &^ (imageUnit - 1)
		at, err := mm.Alloc(room, addr.PageSize, mm.Home)
		if err != nil {
			return err
		}
		if s.Room != 0 {
			if err := mm.Release(addr.HPA(s.Image), s.Room, mm.Home); err != nil {
				return err
			}
		}
		s.Image, s.Room = uint64(at), room
	}
	copyFrames(addr.HPA(s.Image), p.File, p.FileSize)
	s.Size, s.Start, s.Attempts, s.Next = p.FileSize, p.Start, 0, 0
	s.Sum = s.sum()
	return nil
}

// KeepImage keeps the file of the new instance, which is the service partition's,
// for the standby that comes after a hot restart.
func (r *Restart) KeepImage() {
	s := &tab.Host.Standby
	if p := r.Partition(); s.State == StandbyNone || p == nil || p.State == Destroying {
		return
	}
	if err := s.keep(); err != nil {
		console.Say(console.Warn).Str("standby: ").Str(err.Error()).End()
		s.Next = never
	}
}

// atOnce is how many bytes are looked at before others may run.
const atOnce = 64 << 10

// copyFrames copies n bytes.
func copyFrames(to, from addr.HPA, n uint64) {
	for at := uint64(0); at < n; at += atOnce {
		k := min(n-at, atOnce)
		copy(mm.Bytes(to+addr.HPA(at), k), mm.Bytes(from+addr.HPA(at), k))
		runtime.Gosched()
	}
}

// sum is that of the words of the file.
func (s *Standby) sum() (n uint64) {
	for at := uint64(0); at < s.Size; at += atOnce {
		b := mm.Bytes(addr.HPA(s.Image+at), min(s.Size-at, atOnce))
		for ; len(b) >= 8; b = b[8:] {
			n = (n<<7 | n>>57) ^ binary.LittleEndian.Uint64(b)
		}
		runtime.Gosched()
	}
	return n
}
