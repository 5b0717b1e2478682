package boot

import (
	"strconv"
	"strings"

	"perdure/partition/abi"
)

// readInject reads a list of faults to be made.
func readInject(o *Option, to *Options, value string) string {
	if value == "" {
		return ""
	}
	list := strings.Split(value, ",")
	if uint64(len(list)) > o.max {
		return "has more than " + strconv.FormatUint(o.max, 10) + " faults"
	}
	var all [MaxInject]Inject
	for i, one := range list {
		part := strings.Split(one, ":")
		if len(part) != 3 {
			return "needs a " + o.Form
		}
		in := &all[i]
		for k, c := range o.choices {
			if c == part[0] {
				in.Fault = Fault(k + 1)
			}
		}
		if in.Fault == NoFault {
			return "there is no fault '" + printable(part[0]) + "', but " + strings.Join(o.choices, ", ")
		}
		for in.Reason < abi.NumReasons && abi.ReasonName(uint32(in.Reason)) != part[1] {
			in.Reason++
		}
		if in.Reason == abi.NumReasons {
			return "there is no exit reason '" + printable(part[1]) + "'"
		}
		digits := strings.TrimSuffix(part[2], "+")
		n, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || n == 0 {
			return "needs the number of an exit, from 1 on"
		}
		in.At = n
		if digits != part[2] {
			in.Every = 1
		}
	}
	to.Inject = all
	return ""
}
