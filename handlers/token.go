package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"chinwag/chat"
)

// tokensCookie keeps the key of a browser's forms where that is older than its session's id.
const tokensCookie = "forms"

// tokenKey is the secret part of the tokens of a browser's forms; empty for one that has no cookie. It follows from the session's
// id, which only the browser has. Where a session goes on under another id, the key goes on as well, in a cookie that is sealed
// with the new id: what stands in other tabs can still be sent.
func (c *call) tokenKey() []byte {
	if c.sid == "" {
		return nil
	}
	if c.kept != nil {
		return c.kept
	}
	kept, err := base64.RawURLEncoding.DecodeString(c.Cookies(tokensCookie))
	if err == nil && len(kept) == 2*tokenSize && hmac.Equal(kept[tokenSize:], sealKey(c.sid, kept[:tokenSize])) {
		return kept[:tokenSize]
	}
	return tokenKeyOf(c.sid)
}

// keepTokens has the tokens of a browser's forms live on with another session id.
func (s *Server) keepTokens(c *call, id chat.SessionID) {
	c.kept = c.tokenKey()
	s.setCookie(c, tokensCookie, base64.RawURLEncoding.EncodeToString(append(c.kept[:tokenSize:tokenSize], sealKey(id, c.kept)...)), cookieAge)
}

// dropTokens ends the tokens that lived on.
func (s *Server) dropTokens(c *call) {
	c.kept = nil
	if c.Cookies(tokensCookie) != "" {
		s.setCookie(c, tokensCookie, "", -time.Second)
	}
}

func tokenKeyOf(sid chat.SessionID) []byte { return keyed(sid, []byte("csrf")) }

func sealKey(sid chat.SessionID, key []byte) []byte {
	return keyed(sid, append([]byte("kept csrf "), key...))
}

func keyed(sid chat.SessionID, what []byte) []byte {
	mac := hmac.New(sha256.New, []byte(sid))
	_, _ = mac.Write(what) // a hash never fails
	return mac.Sum(nil)[:tokenSize]
}
