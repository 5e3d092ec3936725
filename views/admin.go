package views

import (
	"time"

	"chinwag/chat"
)

// AdminProps is what the first page of administrators shows.
type AdminProps struct {
	People   int
	Rooms    int
	Mail     MailProps
	Failed   []FailedJob
	Settings Form // of the community
	Test     Form // of a test message
}

// MailProps is how mail goes.
type MailProps struct {
	From    string // whom our mail comes from
	Waiting int    // mails that are still to be sent
}

// FailedJob is a mail that could not be sent, or something else that could not be done, or not yet.
type FailedJob struct {
	Kind     chat.JobKind
	At       time.Time // when it was given up; zero: it will be tried again
	Created  time.Time
	Attempts int
	Problem  string // in the words of the other server, or of the database
}

// jobName is what was to be done.
func jobName(w *Words, kind chat.JobKind) string {
	switch kind {
	case chat.JobMailReset:
		return w.T("mail.reset")
	case chat.JobMailConfirm:
		return w.T("mail.confirm")
	case chat.JobMailEmailChanged:
		return w.T("mail.email_changed")
	case chat.JobMailPasswordChanged:
		return w.T("mail.password_changed")
	case chat.JobAccountLeave:
		return w.T("admin.leaving")
	default:
		return string(kind) // of a newer program, on another node
	}
}

// jobFate is what becomes of what failed.
func jobFate(f Frame, j FailedJob) string {
	if j.At.IsZero() {
		return f.Words.T("admin.failed_again", "Count", j.Attempts)
	}
	return f.Words.T("admin.failed_given_up", "Count", j.Attempts)
}

// zones are what the field for a time zone offers: one or two of each offset. Any other name of the IANA's may be typed.
func zones() []string {
	return []string{
		"UTC", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi",
		"America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Caracas", "America/Chicago",
		"America/Denver", "America/Halifax", "America/Lima", "America/Los_Angeles", "America/Mexico_City", "America/New_York",
		"America/Phoenix", "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto", "America/Vancouver",
		"Asia/Baghdad", "Asia/Bangkok", "Asia/Colombo", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong",
		"Asia/Jakarta", "Asia/Jerusalem", "Asia/Kabul", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Manila",
		"Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tashkent", "Asia/Tehran",
		"Asia/Tokyo", "Asia/Yangon", "Atlantic/Azores", "Atlantic/Reykjavik", "Australia/Adelaide", "Australia/Brisbane",
		"Australia/Darwin", "Australia/Perth", "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin",
		"Europe/Brussels", "Europe/Bucharest", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv",
		"Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Oslo", "Europe/Paris", "Europe/Prague",
		"Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland",
		"Pacific/Fiji", "Pacific/Honolulu", "Pacific/Tongatapu",
	}
}
