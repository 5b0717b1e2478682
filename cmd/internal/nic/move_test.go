package nic

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGatewayOf(t *testing.T) {
	const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	0002000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eth0	00000000	0202000A	0003	0	0	0	00000000	0	0	0
eth1	00000000	00000000	0001	0	0	0	00000000	0	0	0
eth2	00000000	nonsense
short
`
	assert.Equal(t, "10.0.2.2", gatewayOf(routes, "eth0").String())
	for _, card := range []string{"eth1", "eth2", "eth3", "Iface"} {
		assert.False(t, gatewayOf(routes, card).IsValid(), card)
	}
	assert.False(t, gatewayOf("", "eth0").IsValid())
}
