package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// How long a server may take. The second is for a whole mail: some look for spam before they answer.
const (
	connectWithin = 10 * time.Second
	sendWithin    = 30 * time.Second
)

// Send hands one mail to the server and gives its answer. Its error is a [Refused].
func (s *SMTP) Send(ctx context.Context, m Mail) (answer string, err error) {
	letter, err := s.compose(m)
	if err != nil {
		return "", &Refused{Permanent: true, Answer: err.Error()}
	}
	err = s.talk(ctx, func(client *smtp.Client) error {
		if err := client.Mail(s.from); err != nil { // what it has against us may be mended
			return refused("the sender was refused", err, false)
		}
		if err := client.Rcpt(m.To); err != nil {
			return refused("the recipient was refused", err, true)
		}
		body, err := client.Data()
		if err != nil {
			return refused("the mail was refused", err, true)
		}
		if _, err := letter.WriteTo(body); err != nil {
			return refused("the mail was cut off", err, false)
		}
		if err := body.Close(); err != nil {
			return refused("the mail was refused", err, true)
		}
		answer = "250 " + body.(*smtp.DataCloser).ServerResponse() // what Data gives, by its own word
		return nil
	})
	return answer, err
}

// Ask goes as far as one can without a mail, and says how that went. Its error is a [Refused].
func (s *SMTP) Ask(ctx context.Context) (report string, err error) {
	err = s.talk(ctx, func(client *smtp.Client) error {
		report = s.Server() + " answers, in the clear"
		if state, err := client.GetTLSConnectionState(); err == nil {
			report = s.Server() + " answers, encrypted with " + tls.VersionName(state.Version)
		}
		if s.user != "" {
			report += ", and takes the password"
		}
		if err := client.Noop(); err != nil {
			return refused("the server does not go on", err, false)
		}
		return nil
	})
	return report, err
}

// talk connects, greets, encrypts, signs in and has a conversation. It ends with the connection, at the latest when its time is
// over.
func (s *SMTP) talk(ctx context.Context, say func(*smtp.Client) error) error {
	ctx, enough := context.WithTimeout(ctx, sendWithin)
	defer enough()
	client, err := gomail.NewClient(s.host, s.options(func(dialing context.Context, network, address string) (net.Conn, error) {
		line, conn, err := s.dial(dialing, network, address)
		if line != nil {
			context.AfterFunc(ctx, func() { _ = line.Close() })
		}
		return conn, err
	})...)
	if err != nil {
		return &Refused{Answer: "the settings of mail: " + err.Error()}
	}
	at, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return refused("the mail server cannot be used", err, false)
	}
	if err := say(at); err != nil {
		return err
	}
	_ = at.Quit() // what it took it has taken
	return nil
}

func (s *SMTP) options(dial gomail.DialContextFunc) []gomail.Option {
	policy := gomail.TLSOpportunistic
	if s.user != "" && !s.encrypted && !s.home() {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(sendWithin), gomail.WithHELO(s.greeting()),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.security()), gomail.WithDialContextFunc(dial),
	}
	if s.user != "" {
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password), gomail.WithOpportunisticSMTPAuth(
			gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5))
	}
	return options
}

// security is how lines are encrypted. A server on this machine that offers it often has a certificate which nobody signed, and
// nobody stands between us and it: only who asks for smtps:// there has it checked.
func (s *SMTP) security() *tls.Config {
	return &tls.Config{
		ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: s.home() && !s.encrypted, //nolint:gosec // see above
	}
}

// dial connects, and encrypts at once if that is asked for. The line is what is to be closed, even after an error.
func (s *SMTP) dial(ctx context.Context, network, address string) (line, conn net.Conn, err error) {
	ctx, enough := context.WithTimeout(ctx, connectWithin)
	defer enough()
	line, err = (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil || !s.encrypted {
		return line, line, err
	}
	secured := tls.Client(line, s.security())
	return line, secured, secured.HandshakeContext(ctx)
}

// refused says what went wrong, in the words of whom it went wrong with. It is for good only if the server says so, by a
// number from 500 on, of something that is about the mail itself.
func refused(what string, err error, aboutMail bool) error {
	var said *textproto.Error
	if !errors.As(err, &said) {
		return &Refused{Answer: oneLine(what + ": " + err.Error())}
	}
	return &Refused{Permanent: said.Code >= 500 && aboutMail, Answer: oneLine(fmt.Sprintf("%s: %d %s", what, said.Code, said.Msg))}
}
