package handlers

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// errCrossSite refuses a write that did not come from one of our own pages.
var errCrossSite = errors.New("cross-site or stale form")

// csrfField is the hidden field of every form.
const csrfField = "csrf"

// checkOrigin lets a write pass only if the browser says it came from our own origin and the form has this session's
// token. Both must hold for whoever is signed in; a request that says nothing about where it came from is refused. A socket has no form, and no
// header but Origin tells where it is opened from.
func (s *Server) checkOrigin(c *call) error {
	switch {
	case c.route.who == bySocket:
		if len(c.Request().Header.PeekAll(fiber.HeaderOrigin)) != 1 || c.Get(fiber.HeaderOrigin) != s.origin() {
			return errCrossSite
		}
	case c.route.method != get:
		if !s.sameOrigin(c) {
			return errCrossSite
		}
		if c.route.who.signedIn() && c.session == nil {
			return nil // its token went with its session; it is told to sign in, which is nothing to forge
		}
		if !validToken(c.tokenKey(), c.field(csrfField)) {
			return errCrossSite
		}
	}
	return nil
}

// sameOrigin reads Sec-Fetch-Site, then Origin, then Referer: each that is there must agree, and one must be.
func (s *Server) sameOrigin(c *call) bool {
	site := c.Get("Sec-Fetch-Site")
	if site != "" && site != "same-origin" {
		return false
	}
	origins := c.Request().Header.PeekAll(fiber.HeaderOrigin)
	switch len(origins) {
	case 0:
	case 1:
		return string(origins[0]) == s.origin()
	default:
		return false
	}
	if site != "" {
		return true
	}
	referer, err := url.Parse(c.Get(fiber.HeaderReferer))
	return err == nil && referer.Scheme+"://"+strings.ToLower(referer.Host) == s.origin()
}

const tokenSize = 16 // bytes: 128 bits

// newToken makes a form's token of a browser's key. It looks different on every page, so that compression gives nothing away
// (BREACH).
func newToken(key []byte) string {
	token := make([]byte, 2*tokenSize)
	_, _ = rand.Read(token[:tokenSize]) // never fails: crypto/rand ends the program instead
	subtle.XORBytes(token[tokenSize:], token[:tokenSize], key)
	return base64.RawURLEncoding.EncodeToString(token)
}

func validToken(key []byte, text string) bool {
	token, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(token) != 2*tokenSize || len(key) != tokenSize {
		return false
	}
	subtle.XORBytes(token[tokenSize:], token[:tokenSize], token[tokenSize:])
	return subtle.ConstantTimeCompare(token[tokenSize:], key) == 1
}
