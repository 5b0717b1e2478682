package guestfile

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// ParseSize reads a size such as "512M" or "1.5 GiB".
func ParseSize(text string) (uint64, error) {
	number := strings.TrimRight(strings.TrimSpace(text), "KMGTiBkmgtb ")
	unit := strings.ToUpper(strings.TrimSpace(text[strings.Index(text, number)+len(number):]))
	shift, ok := map[string]uint{"K": 10, "M": 20, "G": 30, "T": 40}[strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")]
	if !ok {
		return 0, fmt.Errorf("%q: a size is a number and K, M, G or T, as in \"512M\"", text)
	}
	whole, fraction, dotted := strings.Cut(number, ".")
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || bits.Len64(n)+int(shift) > 63 {
		return 0, fmt.Errorf("%q is not a size, as \"512M\" is, or far too large", text)
	}
	n <<= shift
	if dotted {
		part, err := strconv.ParseUint(fraction, 10, 32)
		if err != nil || len(fraction) > 6 {
			return 0, fmt.Errorf("%q is not a size, as \"1.5G\" is", text)
		}
		power := uint64(1)
		for range fraction {
			power *= 10
		}
		if part<<shift%power != 0 {
			return 0, fmt.Errorf("%q is not a whole number of bytes", text)
		}
		n += part << shift / power
	}
	return n, nil
}

// MaxCPUs is how many processors a mask of them can name.
const MaxCPUs = 64

// ParseCPUs reads a list of processors such as "0-2,5"; "all" is 0, any.
func ParseCPUs(text string) (mask uint64, err error) {
	if text == "all" {
		return 0, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(strings.TrimSpace(part), "-")
		if !ok {
			to = from
		}
		a, errA := strconv.ParseUint(strings.TrimSpace(from), 10, 32)
		b, errB := strconv.ParseUint(strings.TrimSpace(to), 10, 32)
		if errA != nil || errB != nil || a > b {
			return 0, fmt.Errorf("%q: processors are named as in \"0-2,5\", or \"all\"", text)
		}
		if b >= MaxCPUs {
			return 0, fmt.Errorf("processor %d: the last one that can be named is %d", b, MaxCPUs-1)
		}
		mask |= 1<<(b+1) - 1<<a
	}
	return mask, nil
}

// FormatCPUs is the opposite of ParseCPUs.
func FormatCPUs(mask uint64) string {
	if mask == 0 {
		return "all"
	}
	var parts []string
	for n := 0; n < MaxCPUs; n++ {
		last := n
		for last < MaxCPUs && mask>>last&1 != 0 {
			last++
		}
		switch last - n {
		case 0:
			continue
		case 1:
			parts = append(parts, strconv.Itoa(n))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", n, last-1))
		}
		n = last
	}
	return strings.Join(parts, ",")
}

// ParseMAC reads a network address such as "02:00:00:00:00:01"; its first byte
// is the lowest of the result, as in abi.NetConfig.
func ParseMAC(text string) (mac uint64, err error) {
	parts := strings.Split(strings.ReplaceAll(text, "-", ":"), ":")
	if len(parts) != 6 {
		return 0, fmt.Errorf("%q: a MAC address is six bytes, as in \"02:00:00:00:00:01\"", text)
	}
	for i, part := range parts {
		b, err := strconv.ParseUint(part, 16, 8)
		if err != nil || len(part) != 2 {
			return 0, fmt.Errorf("%q: a MAC address is six bytes, as in \"02:00:00:00:00:01\"", text)
		}
		mac |= b << (8 * i)
	}
	switch {
	case mac == 0:
		return 0, fmt.Errorf("%q is no address", text)
	case mac&1 != 0:
		return 0, fmt.Errorf("%q is a group's address: the first byte of a card's is even", text)
	}
	return mac, nil
}

// FormatMAC is the opposite of ParseMAC.
func FormatMAC(mac uint64) string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", byte(mac), byte(mac>>8), byte(mac>>16), byte(mac>>24), byte(mac>>32), byte(mac>>40))
}
