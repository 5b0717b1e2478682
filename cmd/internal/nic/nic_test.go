package nic

import (
	"encoding/hex"
	"net/netip"
	"testing"
)

// The message as "ip route add default via 10.0.2.2 dev eth0" sends it.
func TestDefaultRoute(t *testing.T) {
	got := hex.EncodeToString(defaultRoute(3, netip.MustParseAddr("10.0.2.2")))
	if head := got[:32]; head != "2c000000"+"1800"+"0505"+"01000000"+"00000000" {
		t.Errorf("header %s", head)
	}
	if body := got[32:]; body != "02000000"+"fe030001"+"00000000"+"08000500"+"0a000202"+"08000400"+"03000000" {
		t.Errorf("body %s", body)
	}
}
