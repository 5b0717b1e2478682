package main

import (
	"slices"

	"perdure/cmd/internal/guestfile"
	"perdure/partition/abi"
)

// partitionView is what a partition did in an interval: its VPs together.
type partitionView struct {
	ID          uint32             `json:"id"`
	Name        string             `json:"name"`
	State       string             `json:"state"`
	VPs         uint32             `json:"vps"`
	Weight      uint32             `json:"weight"`
	Memory      uint64             `json:"memory"`
	Share       float64            `json:"cpu_share"` // of one processor, so it may be above 1
	ExitsPerSec float64            `json:"exits_per_second"`
	ByReason    map[string]float64 `json:"exits_per_second_by_reason"`
}

// portJSON is what a network card did in an interval.
type portJSON struct {
	Partition      uint32  `json:"partition"`
	Index          uint32  `json:"index"`
	MAC            string  `json:"mac"`
	Group          uint32  `json:"group"`
	Up             bool    `json:"up"`
	TxFramesPerSec float64 `json:"tx_frames_per_second"`
	TxBytesPerSec  float64 `json:"tx_bytes_per_second"`
	RxFramesPerSec float64 `json:"rx_frames_per_second"`
	RxBytesPerSec  float64 `json:"rx_bytes_per_second"`
	TxFrames       uint64  `json:"tx_frames"` // since the beginning, as all that follows
	TxBytes        uint64  `json:"tx_bytes"`
	RxFrames       uint64  `json:"rx_frames"`
	RxBytes        uint64  `json:"rx_bytes"`
	Dropped        uint64  `json:"dropped"` // given up for want of a receive buffer
	Refused        uint64  `json:"refused"` // malformed
	Unknown        uint64  `json:"unknown"` // sent to nobody there
	Waited         uint64  `json:"waited"`  // for a receive buffer
}

// partitions adds the partitions and their network cards; the VPs are there.
func (v *viewJSON) partitions(a, b *sample) {
	for _, p := range b.parts {
		one := partitionView{ID: p.ID, Name: v.names[p.ID], State: p.State.String(), VPs: p.VPs, Weight: p.Weight, Memory: p.Memory, ByReason: map[string]float64{}}
		for _, vp := range v.VPs {
			if vp.Partition != p.ID {
				continue
			}
			one.Share += vp.Share
			one.ExitsPerSec += vp.ExitsPerSec
			for reason, n := range vp.ByReason {
				one.ByReason[reason] += n
			}
		}
		v.Partitions = append(v.Partitions, one)
	}
	ticks, hz := since(b.info.Now, a.info.Now), b.info.TSCHz
	for i := range b.ports {
		now := &b.ports[i]
		old := slices.IndexFunc(a.ports, func(p abi.NetPort) bool { return p.Partition == now.Partition && p.Index == now.Index })
		if old >= 0 {
			v.Ports = append(v.Ports, portView(&a.ports[old], now, ticks, hz))
		}
	}
}

func portView(a, b *abi.NetPort, ticks, hz uint64) portJSON {
	per := func(now, old uint64) float64 { return rate(since(now, old), ticks, hz) }
	return portJSON{
		Partition: b.Partition, Index: b.Index, MAC: guestfile.FormatMAC(b.MAC), Group: b.Group, Up: b.Up != 0,
		TxFramesPerSec: per(b.TxFrames, a.TxFrames), TxBytesPerSec: per(b.TxBytes, a.TxBytes),
		RxFramesPerSec: per(b.RxFrames, a.RxFrames), RxBytesPerSec: per(b.RxBytes, a.RxBytes),
		TxFrames: b.TxFrames, TxBytes: b.TxBytes, RxFrames: b.RxFrames, RxBytes: b.RxBytes,
		Dropped: b.RxDropped, Refused: b.TxBad, Unknown: b.TxUnknown, Waited: b.RxFull,
	}
}
