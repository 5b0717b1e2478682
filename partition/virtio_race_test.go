//go:build !metal

package partition

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"perdure/partition/abi"
	"perdure/partition/virtio/driver"
)

// TestNoKickIsLost has two processors look at one device at any time. Each
// notification is made once; if the processor that makes it finds the device
// taken, the other one must find the notification.
func TestNoKickIsLost(t *testing.T) {
	b := newDevBench(t, abi.SlotEntropy)
	d := b.p.device(abi.SlotEntropy)
	other := &tab.CPUs[1]
	var over atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		for !over.Load() {
			other.serveDevice(b.p, abi.SlotEntropy)
			atomic.StoreUint64(&other.Serve, 0) // what is asked for again, the next round does
		}
	})
	for range 100000 {
		b.g.Ask(0, driver.Part{Room: 8})
		d.Ask(1)
		b.c.serveDevice(b.p, abi.SlotEntropy)
		for answered := false; !answered; {
			if _, _, answered = b.g.Answered(0); !answered && atomic.LoadUint64(&d.Kick) == 0 && atomic.LoadUint64(&d.Owner) == 0 {
				_, _, answered = b.g.Answered(0)
				require.True(t, answered, "nobody has it, and nobody will look")
			}
		}
	}
	over.Store(true)
	wait.Wait()
	require.Zero(t, d.Owner)
	require.Zero(t, b.p.Lock)
}
