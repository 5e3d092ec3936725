package views

import "time"

// stamp is a moment for machines, in UTC to the minute, which is all that pages show of it: the datetime of <time>.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

// clock is a moment's time of day for people.
func clock(t time.Time, zone *time.Location) string { return t.In(zone).Format("15:04") }

// date is a moment's day for machines.
func date(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// longDate is a moment's day for people: 22 November 2026.
func longDate(w *Words, t time.Time, zone *time.Location) string {
	year, month, day := t.In(zone).Date()
	return w.T("date.long", "Day", day, "Month", monthName(w, month), "Year", year)
}

// moment is a day and its time for people: 22 November 2026, 12:03.
func moment(w *Words, t time.Time, zone *time.Location) string {
	return w.T("date.moment", "Date", longDate(w, t, zone), "Time", clock(t, zone))
}

func monthName(w *Words, month time.Month) string {
	switch month {
	case time.January:
		return w.T("month.january")
	case time.February:
		return w.T("month.february")
	case time.March:
		return w.T("month.march")
	case time.April:
		return w.T("month.april")
	case time.May:
		return w.T("month.may")
	case time.June:
		return w.T("month.june")
	case time.July:
		return w.T("month.july")
	case time.August:
		return w.T("month.august")
	case time.September:
		return w.T("month.september")
	case time.October:
		return w.T("month.october")
	case time.November:
		return w.T("month.november")
	default:
		return w.T("month.december")
	}
}
