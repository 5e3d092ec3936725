package deliver_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"chinwag/deliver/smtptest"
)

func TestSend(t *testing.T) {
	t.Parallel()
	sink := smtptest.Start(t)
	answer, err := to(t, sink.URL()).Send(t.Context(), hello())
	must(t, err)
	if !strings.HasPrefix(answer, "250 ") {
		t.Errorf("the answer is %q", answer)
	}
	m := sink.Wait(t, anyMail)
	for what, c := range map[string]struct{ got, want string }{
		"sender, to the server":    {m.From, "chinwag@chat.test"},
		"recipient, to the server": {m.To, "ada@x.test"},
		"sender":                   {m.Header.Get("From"), `"The Pub" <chinwag@chat.test>`},
		"recipient":                {m.Header.Get("To"), "<ada@x.test>"},
		"subject":                  {m.Subject, "Hello"},
		"text":                     {m.Text, "Hello Ada\n"},
		"html":                     {m.HTML, "<p>Hello Ada</p>"},
		"id":                       {m.ID(), "<one@chat.test>"},
		"whoever made it":          {m.Header.Get("Auto-Submitted"), "auto-generated"},
		"the program":              {m.Header.Get("User-Agent") + m.Header.Get("X-Mailer"), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
	if at, err := m.Header.Date(); err != nil || time.Since(at) > time.Minute {
		t.Errorf("dated %v: %v", at, err)
	}
}

// A name or a subject adds no line to the head of a mail, and arrives as it is.
func TestS48_MailHeadsHoldWhatPeopleNamedThings(t *testing.T) {
	t.Parallel()
	sink := smtptest.Start(t)
	way := to(t, sink.URL())
	fields := 0
	for i, name := range []string{
		"The Pub", "Bad\r\nBcc: eve@x.test", "Bad\nSubject: other\n\nbody", `"Quoted" <eve@x.test>, more`, "Ünïcödé 山田 🎉",
		strings.Repeat("långt namn ", 40), "\u202eevil", "tab\there", `back\slash`, "a\x00b", "(comment)", "",
	} {
		m := hello()
		m.From, m.Subject = name, name
		m.To = "person" + string(rune('a'+i)) + "@x.test"
		_, err := way.Send(t.Context(), m)
		must(t, err)
		got := sink.Wait(t, func(kept smtptest.Mail) bool { return kept.To == m.To })
		if fields == 0 {
			fields = len(got.Header)
		}
		want := strings.Join(strings.Fields(name), " ")
		from, err := got.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Address != "chinwag@chat.test" || from[0].Name != want {
			t.Errorf("%q: from %v: %v", name, from, err)
		}
		if len(got.Header) != fields || got.Header.Get("Bcc") != "" || got.Subject != want || got.Text != m.Text {
			t.Errorf("%q became\n%s", name, got.Raw)
		}
		for line := range strings.Lines(got.Raw) {
			if len(line) > 998 {
				t.Errorf("a line of %d bytes", len(line))
			}
		}
	}
	m := hello()
	m.To = "ada@x.test\r\nRCPT TO:<eve@x.test>"
	if _, err := way.Send(t.Context(), m); !refusal(t, err).Permanent {
		t.Errorf("%v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	sink := smtptest.Start(t)
	way := to(t, sink.URL())
	for code, permanent := range map[int]bool{421: false, 451: false, 452: false, 550: true, 552: true, 554: true} {
		sink.Refuses(code, "not today")
		_, err := way.Send(t.Context(), hello())
		if refused := refusal(t, err); refused.Permanent != permanent || !strings.Contains(refused.Answer, "not today") {
			t.Errorf("%d: %+v", code, refused)
		}
	}
	sink.Takes()
	_, err := way.Send(t.Context(), hello())
	must(t, err)
}

// What is wrong with the way there may be mended: such a mail is tried again.
func TestServersThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, closed.Close())
	wants := smtptest.Start(t, smtptest.WithPassword)
	clear, secured := smtptest.Start(t), smtptest.Start(t, smtptest.WithTLS)
	for name, c := range map[string]struct{ address, answer string }{
		"nobody there":       {"smtp://" + closed.Addr().String(), "refused"},
		"no such host":       {"smtp://nobody.invalid", "nobody.invalid"},
		"no password":        {strings.Replace(wants.URL(), "chinwag:a%2Fb%3Ac%40d%20e@", "", 1), "authenticate"},
		"a wrong password":   {strings.Replace(wants.URL(), "c%40d", "c%40e", 1), "535"},
		"no TLS there":       {strings.Replace(clear.URL(), "smtp:", "smtps:", 1), "tls"},
		"another's identity": {secured.URLAs("localhost"), "certificate"},
		"nobody's identity":  {secured.URL(), "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			way := to(t, c.address)
			if name == "another's identity" {
				way.Trust(secured.Roots())
			}
			_, err := way.Send(t.Context(), hello())
			if refused := refusal(t, err); refused.Permanent || !strings.Contains(strings.ToLower(refused.Answer), c.answer) {
				t.Errorf("%+v", refused)
			}
			if _, err := way.Ask(t.Context()); name != "no password" && !strings.Contains(refusal(t, err).Answer, "cannot be used") {
				t.Errorf("asked, it is %v", err)
			}
		})
	}
}

// A password goes to no server over a line that others can read, but to one on this machine.
func TestPasswordsAreNotSentInTheClear(t *testing.T) {
	t.Parallel()
	far := "0.0.0.0" // leads to this machine, and is not known to
	for name, c := range map[string]struct {
		options []smtptest.Option
		host    string
		answer  string // empty: it is taken
		report  string
	}{
		"clear, here":          {nil, "127.0.0.1", "", "answers, in the clear"},
		"password, here":       {[]smtptest.Option{smtptest.WithPassword}, "127.0.0.1", "", "in the clear, and takes the password"},
		"STARTTLS, here":       {[]smtptest.Option{smtptest.WithPassword, smtptest.WithSTARTTLS}, "localhost", "", "encrypted with TLS 1.3, and takes"},
		"TLS, here":            {[]smtptest.Option{smtptest.WithPassword, smtptest.WithTLS}, "127.0.0.1", "", "encrypted with TLS 1.3, and takes"},
		"clear, elsewhere":     {nil, far, "", "in the clear"},
		"password, elsewhere":  {[]smtptest.Option{smtptest.WithPassword}, far, "STARTTLS", ""},
		"STARTTLS, elsewhere":  {[]smtptest.Option{smtptest.WithPassword, smtptest.WithSTARTTLS}, far, "", "encrypted with TLS 1.3, and takes"},
		"encrypted, elsewhere": {[]smtptest.Option{smtptest.WithSTARTTLS}, far, "", "encrypted with TLS 1.3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := smtptest.Start(t, c.options...)
			way := to(t, sink.URLAs(c.host))
			if len(c.options) > 0 && !strings.HasPrefix(name, "password") && !strings.HasPrefix(name, "STARTTLS, here") {
				way.Trust(sink.Roots())
			}
			report, asked := way.Ask(t.Context())
			_, err := way.Send(t.Context(), hello())
			if c.answer != "" {
				if got := refusal(t, err).Answer; !strings.Contains(got, c.answer) || !strings.Contains(refusal(t, asked).Answer, c.answer) {
					t.Errorf("%s", got)
				}
				return
			}
			must(t, err)
			must(t, asked)
			if !strings.Contains(report, c.report) {
				t.Errorf("asked, it is %q", report)
			}
		})
	}
}

// A server that says nothing is let go when whoever waits has had enough.
func TestAServerThatHangs(t *testing.T) {
	t.Parallel()
	sink := smtptest.Start(t)
	sink.Hangs()
	ctx, enough := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := to(t, sink.URL()).Send(ctx, hello())
		failed <- err
	}()
	sink.WaitTries(t, 1)
	enough()
	if refused := refusal(t, <-failed); refused.Permanent {
		t.Errorf("%+v", refused)
	}

	mute, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer mute.Close()
	ctx, enough = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer enough()
	if _, err := to(t, "smtp://"+mute.Addr().String()).Send(ctx, hello()); refusal(t, err).Permanent {
		t.Error("it is given up for good")
	}
}
