package cmos

// patience is how often a clock is asked whether it stands still. It does within
// 2 ms, and asking takes a microsecond or so.
const patience = 10_000

// Ask reads a machine's clock. It reports whether there is one, which says what
// can be a time.
func Ask(read func(register uint8) uint8) (now uint64, ok bool) {
	var last [7]uint8
	for range patience {
		if read(regA)&updating != 0 {
			continue
		}
		next := [7]uint8{read(regSeconds), read(regMinutes), read(regHours), read(regDay), read(regMonth), read(regYear), read(regCentury)}
		if next == last {
			return seconds(last, read(regB))
		}
		last = next // it may have changed in the middle
	}
	return 0, false
}

// seconds returns the time that registers say: seconds to years, and the century.
func seconds(r [7]uint8, b uint8) (now uint64, ok bool) {
	late := r[2]&afternoon != 0 && b&twentyFour == 0
	if b&twentyFour == 0 {
		r[2] &^= afternoon
	}
	var v [7]uint64
	for i, c := range r {
		v[i] = uint64(c)
		if b&binary == 0 {
			if c&0xf > 9 || c>>4 > 9 {
				return 0, false
			}
			v[i] = uint64(c>>4*10 + c&0xf)
		}
	}
	if b&twentyFour == 0 {
		if v[2] == 0 || v[2] > 12 {
			return 0, false
		}
		if v[2] %= 12; late {
			v[2] += 12
		}
	}
	if v[0] > 59 || v[1] > 59 || v[2] > 23 || v[3] == 0 || v[3] > 31 || v[4] == 0 || v[4] > 12 || v[5] > 99 {
		return 0, false
	}
	year := v[5] + 2000 // no clock of a processor that runs this is older
	if v[6] >= 20 && v[6] < 99 {
		year = v[6]*100 + v[5]
	}
	return day(year, v[4], v[3])*86400 + v[2]*3600 + v[1]*60 + v[0], true
}
