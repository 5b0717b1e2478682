package boot

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// readNumber reads a decimal or 0x number within the option's bounds.
func readNumber(o *Option, to *Options, value string) string {
	if o.zero != "" && value == o.zero {
		*o.number(to) = 0
		return ""
	}
	n, err := strconv.ParseUint(value, 0, 64)
	if err != nil {
		return "needs a " + o.Form
	}
	if n < o.min || n > o.max {
		return "must be from " + strconv.FormatUint(o.min, 10) + " to " + strconv.FormatUint(o.max, 10)
	}
	*o.number(to) = n
	return ""
}

// readSize reads a number of bytes with K, M, G or T behind it.
func readSize(o *Option, to *Options, value string) string {
	if o.zero != "" && value == o.zero {
		*o.number(to) = 0
		return ""
	}
	n, ok := parseSize(value)
	if !ok {
		return "needs a size such as 512M or 2G"
	}
	if n < o.min || n > o.max {
		return "must be from " + formatSize(o.min) + " to " + formatSize(o.max)
	}
	*o.number(to) = n
	return ""
}

// parseSize reads sizes such as 4096, 64K, 512M, 0x20000000, 4G.
func parseSize(s string) (uint64, bool) {
	shift := 0
	if s != "" {
		switch s[len(s)-1] {
		case 'k', 'K':
			shift = 10
		case 'm', 'M':
			shift = 20
		case 'g', 'G':
			shift = 30
		case 't', 'T':
			shift = 40
		}
	}
	if shift != 0 {
		s = s[:len(s)-1]
	}
	n, err := strconv.ParseUint(s, 0, 64)
	return n << shift, err == nil && n<<shift>>shift == n
}

// formatSize writes n as parseSize reads it, in the largest unit that keeps at
// least two digits of it.
func formatSize(n uint64) string {
	units := "KMGT"
	unit := ""
	for i := 0; i < len(units) && n >= 10<<10 || i < len(units) && n != 0 && n%1024 == 0; i++ {
		n, unit = n>>10, units[i:i+1]
	}
	return strconv.FormatUint(n, 10) + unit
}

// readText takes the value as it is.
func readText(o *Option, to *Options, value string) string {
	if uint64(len(value)) > o.max {
		return "is longer than " + strconv.FormatUint(o.max, 10) + " bytes"
	}
	if strings.IndexByte(value, 0) >= 0 {
		return "contains a zero byte"
	}
	to.RootCmdline = value
	return ""
}

// readChoice reads one of the option's words; the first one is 1.
func readChoice(o *Option, to *Options, value string) string {
	for i, c := range o.choices {
		if c == value {
			*o.number(to) = uint64(i + 1)
			return ""
		}
	}
	return "must be " + o.Form
}

// readSlice reads a time in microseconds, milliseconds or ticks.
func readSlice(o *Option, to *Options, value string) string {
	digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return "needs a " + o.Form
	}
	s := Slice{Micros: n}
	switch value[len(digits):] {
	case "us", "":
	case "ms":
		if n > o.max {
			return "is too long"
		}
		s.Micros = n * 1000
	case "t":
		s = Slice{Ticks: n}
	default:
		return "needs a " + o.Form
	}
	if v := s.Micros + s.Ticks; v < o.min || v > o.max {
		return "must be from " + strconv.FormatUint(o.min, 10) + " to " + strconv.FormatUint(o.max, 10) + " microseconds or ticks"
	}
	to.Slice = s
	return ""
}

// The four ports that every PC has had its serial lines at.
var comPorts = [...]uint16{0x3f8, 0x2f8, 0x3e8, 0x2e8}

// readConsole reads com1..com4 or a port, and a baud rate that divides the
// 16550's clock.
func readConsole(o *Option, to *Options, value string) string {
	port, baud, given := strings.Cut(value, ",")
	c := Console{Baud: 115200}
	if len(port) == 4 && port[:3] == "com" && port[3] >= '1' && port[3] <= '4' {
		c.Port = comPorts[port[3]-'1']
	} else {
		n, err := strconv.ParseUint(port, 0, 16)
		if err != nil || n < 0x100 || n > 0xfff8 {
			return "needs " + o.Form
		}
		c.Port = uint16(n)
	}
	if given {
		n, err := strconv.ParseUint(baud, 10, 32)
		if err != nil || n < o.min || n > o.max || o.max%n != 0 {
			return "cannot do this baud rate; use 115200, 57600, 38400, 19200 or 9600"
		}
		c.Baud = uint32(n)
	}
	to.Console = c
	return ""
}

// readKey reads a public key.
func readKey(o *Option, to *Options, value string) string {
	var key [32]byte
	digits, err := hex.DecodeString(value)
	if n := copy(key[:], digits); err != nil || value != "" && (n != len(key) || n != len(digits)) {
		return "needs " + o.Form
	}
	to.Key = key
	return ""
}
