package deliver

import (
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// compose makes a mail of two parts, which people's programs choose from. What stands in its head is encoded wherever it is
// more than plain words.
func (s *SMTP) compose(m Mail) (*gomail.Msg, error) {
	if err := CheckAddress(m.To); err != nil {
		return nil, fmt.Errorf("compose a mail: %w", err)
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(&mail.Address{Name: oneLine(m.From), Address: s.from})
	letter.ToMailAddress(&mail.Address{Address: m.To})
	letter.Subject(oneLine(m.Subject))
	letter.SetDateWithValue(time.Now())
	letter.SetMessageIDWithValue(m.ID + "@" + s.self)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody answers it by themselves
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange, which does not know that
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	letter.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return letter, nil
}

// oneLine is a text for the head of a mail, where a new line would begin another field, and for a sentence.
func oneLine(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
}
