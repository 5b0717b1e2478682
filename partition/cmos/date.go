package cmos

// Years are counted from the first of March here: the day that some have and
// others have not is then the last one of a year. Four hundred years are an era,
// and all eras have as many days.
const (
	eraDays   = 146097
	eraYears  = 400
	beforeEra = 719468 // days from 1 March of the year 0 to 1970
)

// date returns the date of a day since 1970.
//
//go:nosplit
func date(days uint64) (year, month, day uint64) {
	days += beforeEra
	era, d := days/eraDays, days%eraDays
	y := (d - d/1460 + d/36524 - d/(eraDays-1)) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153 // 0 is March
	day = d - (153*m+2)/5 + 1
	if month = m + 3; month > 12 {
		month, y = month-12, y+1
	}
	return era*eraYears + y, month, day
}

// day is the opposite of date.
func day(year, month, day uint64) uint64 {
	if month < 3 {
		month, year = month+12, year-1
	}
	y := year % eraYears
	return year/eraYears*eraDays + 365*y + y/4 - y/100 + (153*(month-3)+2)/5 + day - 1 - beforeEra
}
