package partition

import (
	"sync/atomic"

	"perdure/partition/abi"
	"perdure/partition/net"
	"perdure/partition/virtio"
)

// held counts the frames that are on their way in the switch while all processors
// stand: they lie in their senders' transmit queues. Only those can that wait for a
// receiver's buffer, or whose partition somebody was asked to serve and has not yet:
// asked has these, a bit each.
//
//go:nosplit
func held(asked uint64) (frames uint64) {
	s := tab.Switch
	ports := atomic.LoadUint64(&s.Waiting)
	if ports|asked == 0 {
		return 0
	}
	for ; asked != 0; asked &= asked - 1 {
		ports |= (1<<abi.MaxNets - 1) << (trailing(asked) * abi.MaxNets)
	}
	for ports &= s.Live; ports != 0; ports &= ports - 1 {
		p, slot := card(trailing(ports))
		frames += waiting(&p.device(slot).Queue[net.QueueTransmit], &p.RAM)
	}
	return frames
}

// waiting is Queue.Waits, out of the linker's sight.
var waiting = (*virtio.Queue).Waits
