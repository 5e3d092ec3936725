package deliver

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
)

// The ports at which mail is handed in: RFC 8314, section 3.
const (
	portStartTLS = 587
	portTLS      = 465
)

// SMTP hands mails to a server. It is safe for concurrent use: each mail has a connection of its own.
type SMTP struct {
	host      string // the server's
	port      int
	encrypted bool // from the start; else from STARTTLS on
	user      string
	password  string

	from  string // address that mails come from
	self  string // the community's host name
	roots *x509.CertPool
}

var (
	errAddress = errors.New("this is no address of a mail server such as smtp://mail.example.org or smtps://USER:PASSWORD@mail.example.org")
	errHalf    = errors.New("the address of the mail server needs both a user and a password, or neither")
)

// NewSMTP reads the address of a server. At smtps:// all is encrypted from the start, at smtp:// once the server offers it
// (STARTTLS), and with a password it must, unless it is on this machine. From is the sender's address, self the community's
// host name. The errors never repeat the server's address: there may be a password in it.
func NewSMTP(address, from, self string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errAddress
	}
	s := &SMTP{host: u.Hostname(), port: portStartTLS, encrypted: u.Scheme == "smtps", from: from, self: self}
	if s.encrypted {
		s.port = portTLS
	}
	if text := u.Port(); text != "" {
		if s.port, err = strconv.Atoi(text); err != nil || s.port <= 0 || s.port > 65535 {
			return nil, errAddress
		}
	}
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if (s.user == "") != (s.password == "") {
		return nil, errHalf
	}
	if err := CheckAddress(from); err != nil {
		return nil, err
	}
	return s, nil
}

// CheckAddress says whether a mail can come from an address, or go to it.
func CheckAddress(address string) error {
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address || strings.ContainsAny(address, "\r\n") {
		return fmt.Errorf("%q is no e-mail address", address)
	}
	return nil
}

// From is the address that mails come from.
func (s *SMTP) From() string { return s.from }

// Server is the mail server's host and port.
func (s *SMTP) Server() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

// home says whether the server is on this machine.
func (s *SMTP) home() bool {
	ip := net.ParseIP(s.host)
	return s.host == "localhost" || ip != nil && ip.IsLoopback()
}

// greeting is how we introduce ourselves: RFC 5321, section 4.1.4, wants numbers in brackets.
func (s *SMTP) greeting() string {
	switch ip := net.ParseIP(s.self); {
	case ip == nil:
		return s.self
	case ip.To4() == nil:
		return "[IPv6:" + s.self + "]"
	default:
		return "[" + s.self + "]"
	}
}
