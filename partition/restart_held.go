package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/partition/virtio"
)

// waiting is Queue.Waits, out of the linker's sight.
var waiting = (*virtio.Queue).Waits

// held counts the frames that are on their way in the switch while all processors
// stand: they lie in their senders' transmit queues. Those are looked at that wait
// for a receiver's buffer, or that somebody has been asked to serve and has not.
//
//go:nosplit
func held() (frames uint64) {
	s := tab.Switch
	ports := atomic.LoadUint64(&s.Waiting)
	for i := uint64(0); i < tab.Host.CPUs; i++ {
		for asked := atomic.LoadUint64(&tab.CPUs[i&(MaxCPUs-1)].Serve); asked != 0; asked &= asked - 1 {
			ports |= (1<<abi.MaxNets - 1) << (trailing(asked) * abi.MaxNets)
		}
	}
	for ports &= s.Live; ports != 0; ports &= ports - 1 {
		p, slot := card(trailing(ports))
		frames += waiting(&p.device(slot).Queue[net.QueueTransmit], &p.RAM)
	}
	return frames
}
