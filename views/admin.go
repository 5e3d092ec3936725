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
	Settings Form // of the community
	Test     Form // of a test message
}

// MailProps is how mail goes.
type MailProps struct {
	From    string // whom our mail comes from
	Waiting int    // mails that are still to be sent
	Failed  []FailedMail
}

// FailedMail is a mail that could not be sent, or not yet.
type FailedMail struct {
	Kind     chat.JobKind
	At       time.Time // when it was given up; zero: it will be tried again
	Created  time.Time
	Attempts int
	Problem  string // in the other server's words
}

// mailName is what a mail is about.
func mailName(w *Words, kind chat.JobKind) string {
	switch kind {
	case chat.JobMailReset:
		return w.T("mail.reset")
	case chat.JobMailConfirm:
		return w.T("mail.confirm")
	case chat.JobMailEmailChanged:
		return w.T("mail.email_changed")
	default:
		return w.T("mail.password_changed")
	}
}

// mailFate is what becomes of a mail that failed.
func mailFate(f Frame, m FailedMail) string {
	if m.At.IsZero() {
		return f.Words.T("admin.mail_again", "Count", m.Attempts)
	}
	return f.Words.T("admin.mail_given_up", "Count", m.Attempts)
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
