package handlers

import (
	"bytes"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"chinwag/chat"
)

// secure sets what every answer carries and refuses what no route takes.
func (s *Server) secure(fc *fiber.Ctx) error {
	c := callOf(fc)
	c.nonce = chat.NewToken(16)
	s.setHeaders(c)
	if !plainLines(fc.Request().Header.RawHeaders()) {
		return fiber.ErrBadRequest
	}
	if s.plain(c) {
		return s.leavePlain(c)
	}
	if fc.Get(fiber.HeaderContentEncoding) != "" {
		return fiber.ErrUnsupportedMediaType // Fiber would inflate it without a limit
	}
	return fc.Next()
}

// plainLines says whether every line of a request's head ends in CRLF and stands by itself. A bare LF and a line that
// goes on in the next are read differently by some proxies (RFC 9112, 2.2 and 5.2): one request could pass for two.
func plainLines(head []byte) bool {
	return bytes.Count(head, []byte("\n")) == bytes.Count(head, []byte("\r\n")) &&
		!bytes.Contains(head, []byte("\n ")) && !bytes.Contains(head, []byte("\n\t"))
}

// setHeaders sets what every answer carries. Pages are private, so nothing keeps them; files overwrite that.
func (s *Server) setHeaders(c *call) {
	c.Set(requestIDHeader, c.id)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	if s.https() && !s.plain(c) { // unencrypted it would mean nothing: RFC 6797, section 7.2
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// setDocumentHeaders sets what only a document obeys (OWASP ASVS 5.0, 3.4): a fragment lives by its page's.
func (s *Server) setDocumentHeaders(c *call) {
	c.Set(fiber.HeaderContentSecurityPolicy, s.policy(c.nonce))
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderPermissionsPolicy, "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")
	if s.trustworthy() {
		c.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}

// trustworthy says whether browsers take the origin for one nobody can tamper with; elsewhere they complain about a
// header they then ignore. W3C Secure Contexts, section 3.1.
func (s *Server) trustworthy() bool {
	host := s.config.PublicURL.Hostname()
	address, err := netip.ParseAddr(host)
	return s.https() || host == "localhost" || err == nil && address.IsLoopback()
}

// policy is the Content Security Policy of every page. The socket's address is named for Safari before 15.4, which does
// not take 'self' for it.
func (s *Server) policy(nonce string) string {
	socket := "ws://"
	if s.https() {
		socket = "wss://"
	}
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' blob: data:; " +
		"font-src 'self'; media-src 'self'; connect-src 'self' " + socket + s.config.PublicURL.Host + "; form-action 'self'; " +
		"base-uri 'none'; object-src 'none'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'"
}

func (s *Server) https() bool { return s.config.PublicURL.Scheme == "https" }

// origin is the one true origin, as browsers write it.
func (s *Server) origin() string { return s.config.PublicURL.Scheme + "://" + s.config.PublicURL.Host }

// wrongHost is a request for a host name other than the public one: cookies and forms would not work there.
type wrongHost struct{ address string }

func (wrongHost) Error() string { return "request under another host name" }

// checkHost sends people who came by another name to the right one.
func (s *Server) checkHost(c *call) error {
	if strings.EqualFold(string(c.Request().Host()), s.config.PublicURL.Host) {
		return nil
	}
	address := s.origin() + "/"
	if c.looks() && localPath(c.OriginalURL()) {
		address = s.origin() + c.OriginalURL()
	}
	return wrongHost{address}
}
