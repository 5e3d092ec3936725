package smtptest

import (
	"crypto/x509"
	"net"
	"net/url"
)

// URL is the server's address as the setting takes it, with the password if it wants one.
func (s *Sink) URL() string { return s.URLAs("127.0.0.1") }

// URLAs is its address under another name of this machine, such as localhost, for which its certificate does not stand.
func (s *Sink) URLAs(host string) string {
	_, port, _ := net.SplitHostPort(s.address) // it is what a listener gave
	u := url.URL{Scheme: "smtp", Host: net.JoinHostPort(host, port)}
	if s.always {
		u.Scheme = "smtps"
	}
	if s.closed {
		u.User = url.UserPassword(User, Password)
	}
	return u.String()
}

// Roots trust the server's certificate.
func (s *Sink) Roots() *x509.CertPool { return s.safe.roots }
