package handlers

import (
	"log/slog"
	"time"

	"chinwag/chat"
)

// A notice is a sentence for the next page: "You left General". It stands in the blob store, and a short-lived cookie
// names it, so that pages without one need not look.
const (
	noticeCookie = "notice"
	noticeFor    = time.Minute
)

// notice leaves a sentence for the next page; args alternate the names and values of its gaps. A lost notice is no reason to fail what was done.
func (s *Server) notice(c *call, sentence string, args ...any) {
	text := s.Words.T(sentence, args...)
	key := chat.NewToken(16)
	if err := s.Blobs.Set(noticeKey(key), []byte(text), noticeFor); err != nil {
		s.log.LogAttrs(c.ctx(), slog.LevelWarn, "notice lost", slog.String("id", c.id), slog.Any("error", err))
		return
	}
	s.setCookie(c, noticeCookie, key, noticeFor)
}

// takeNotice reads the sentence that the page before left, once.
func (s *Server) takeNotice(c *call) string {
	key := c.Cookies(noticeCookie)
	if key == "" {
		return ""
	}
	s.setCookie(c, noticeCookie, "", -time.Second)
	text, err := s.Blobs.Get(noticeKey(key))
	if err == nil && text != nil {
		err = s.Blobs.Delete(noticeKey(key))
	}
	if err != nil {
		s.log.LogAttrs(c.ctx(), slog.LevelWarn, "notice lost", slog.String("id", c.id), slog.Any("error", err))
	}
	return string(text)
}

func noticeKey(key string) string {
	const keyMax = 40 // the store's keys are 64 characters at most, and this one comes from a cookie
	return "notice-" + key[:min(len(key), keyMax)]
}
