//go:build !metal

package raw

// sent collects what a host test prints.
var sent []byte

func in(port uint16) byte { return lsrEmpty }

func out(port uint16, v byte) { sent = append(sent, v) }
