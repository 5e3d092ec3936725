// Package smtptest gives tests a mail server that keeps what it is sent. It takes mails, refuses them, hangs, and can want TLS and
// a password, as the servers do that people have.
package smtptest

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// patience is how long a mail may take on a busy machine.
const patience = 30 * time.Second

// The user and password of a server that wants them. The password has to be written otherwise in an address.
const (
	User     = "chinwag"
	Password = "a/b:c@d e" //nolint:gosec // of a server that tests start
)

// Sink is a mail server on this machine.
type Sink struct {
	server  *smtp.Server
	address string
	safe    *identity // nil: it speaks in the clear
	always  bool      // encrypted from the start
	closed  bool      // wants a password

	mu     sync.Mutex
	kept   []Mail
	tries  int // how often a whole mail was handed in
	refuse func(Mail) error
	hold   *hold         // if set, whoever has handed in a mail gets no answer before it ends
	moved  chan struct{} // closed when something came
}

// hold is the time in which a server says nothing, and what it does with the mails of that time at its end.
type hold struct {
	over   chan struct{}
	refuse func(Mail) error
}

// Option is what a server is like beside one that takes all and asks nothing.
type Option func(*Sink)

// WithTLS has a server be encrypted from the start.
func WithTLS(s *Sink) { s.always = true; WithSTARTTLS(s) }

// WithSTARTTLS has a server offer encryption.
func WithSTARTTLS(s *Sink) { s.safe = &identity{} }

// WithPassword has a server want the user and the password.
func WithPassword(s *Sink) { s.closed = true }

// Start starts a server, which ends with the test.
func Start(tb testing.TB, options ...Option) *Sink {
	tb.Helper()
	s := &Sink{moved: make(chan struct{})}
	for _, option := range options {
		option(s)
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	s.server.Domain, s.server.AllowInsecureAuth = "sink.test", true
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		tb.Fatal(err)
	}
	s.address = listener.Addr().String()
	if s.safe != nil {
		if s.safe, err = newIdentity(); err != nil {
			tb.Fatal(err)
		}
		s.server.TLSConfig = s.safe.config
		if s.always {
			listener = tls.NewListener(listener, s.safe.config)
		}
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(listener) }()
	tb.Cleanup(func() {
		s.Takes()
		if err := errors.Join(s.server.Close(), <-served); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Takes has the server take mails, those it let wait included.
func (s *Sink) Takes() { s.behaves(nil, false) }

// Refuses has the server refuse mails with an answer. Numbers from 500 on are for good.
func (s *Sink) Refuses(code int, answer string) {
	s.RefusesWith(code, func(Mail) string { return answer })
}

// RefusesWith has the server refuse mails with an answer that depends on them.
func (s *Sink) RefusesWith(code int, answer func(Mail) string) {
	s.behaves(func(m Mail) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.NoEnhancedCode, Message: answer(m)}
	}, false)
}

// Hangs has the server say nothing once a mail was handed in, until it is told what to do with those.
func (s *Sink) Hangs() { s.behaves(nil, true) }

func (s *Sink) behaves(refuse func(Mail) error, hang bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
	if s.hold != nil {
		s.hold.refuse = refuse
		close(s.hold.over)
		s.hold = nil
	}
	if hang {
		s.hold = &hold{over: make(chan struct{})}
	}
}

// Mails are those that were taken, in their order.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept)
}

// Tries is how often a whole mail was handed in, taken or not.
func (s *Sink) Tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

// Wait gives the first mail for which something holds, once it was taken.
func (s *Sink) Wait(tb testing.TB, holds func(Mail) bool) Mail {
	tb.Helper()
	var found Mail
	s.until(tb, func() bool {
		at := slices.IndexFunc(s.kept, holds)
		if at >= 0 {
			found = s.kept[at]
		}
		return at >= 0
	})
	return found
}

// WaitTries waits until so many mails were handed in, taken or not.
func (s *Sink) WaitTries(tb testing.TB, tries int) {
	tb.Helper()
	s.until(tb, func() bool { return s.tries >= tries })
}

// until waits until something holds of what came; it asks with the lock held.
func (s *Sink) until(tb testing.TB, holds func() bool) {
	tb.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		ready, moved := holds(), s.moved
		s.mu.Unlock()
		if ready {
			return
		}
		select {
		case <-moved:
		case <-late:
			tb.Fatalf("no such mail; there are %d", len(s.Mails()))
		}
	}
}

// take keeps a mail, or does with it what it was told to.
func (s *Sink) take(m Mail) error {
	s.mu.Lock()
	s.tries++
	s.tell()
	refuse, hold := s.refuse, s.hold
	s.mu.Unlock()
	if hold != nil {
		<-hold.over
		refuse = hold.refuse
	}
	if refuse != nil {
		return refuse(m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, m)
	s.tell()
	return nil
}

// tell wakes whoever waits; it is called with the lock held.
func (s *Sink) tell() {
	close(s.moved)
	s.moved = make(chan struct{})
}

// session is one connection.
type session struct {
	sink     *Sink
	signedIn bool
	from, to string
}

var _ smtp.AuthSession = (*session)(nil)

// AuthMechanisms says how one can sign in.
func (s *session) AuthMechanisms() []string {
	if !s.sink.closed {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth takes the one user there is.
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

// Mail notes whom a mail is from.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.sink.closed && !s.signedIn {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt notes whom it is for.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

// Data reads it.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := read(s.from, s.to, raw)
	if err != nil {
		return err
	}
	return s.sink.take(m)
}

// Reset forgets a mail that was begun.
func (s *session) Reset() { s.from, s.to = "", "" }

// Logout ends the connection.
func (s *session) Logout() error { return nil }
