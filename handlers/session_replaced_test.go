package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/fasthttp/websocket"

	"chinwag/chat"
)

// beside is somebody's second browser, signed in.
func (b *browser) beside() *browser {
	b.t.Helper()
	id := chat.SessionID(chat.NewToken(32))
	must(b.t, b.site.db.Write(context.Background(), 0, func(tx chat.Tx) error {
		return tx.CreateSession(chat.SessionRow{Hash: id.Hash(), User: b.me(), SignedInAt: b.site.clock.now()})
	}))
	other := b.site.stranger()
	other.keeps(b.site.cookieName(), string(id))
	return other
}

// session is that of a browser's cookie.
func (b *browser) session() chat.Session {
	b.t.Helper()
	session, err := b.site.db.Session(b.t.Context(), chat.SessionID(b.cookie(b.site.cookieName())).Hash())
	must(b.t, err)
	return session
}

// Open pages of a browser whose session got another id come back: with the new cookie they go on, with the old one they are
// told to come back again, and nothing else.
func TestS08_PagesOfAReplacedSessionComeBack(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob := s.person("bob")
	other := bob.beside()
	screen, elsewhere := bob.watches(general, 0), other.watches(general, 0)
	id, err := s.community.Prove(t.Context(), bob.session(), chat.Visit{}, password)
	must(t, err)
	screen.closesWith(websocket.CloseServiceRestart)
	bob.get("/rooms").is(http.StatusUnauthorized)

	late := bob.watches(general, 0)
	late.closesWith(websocket.CloseServiceRestart)
	if frames := late.got(); len(frames) != 0 {
		t.Errorf("it was sent %q", frames)
	}
	bob.keeps(s.cookieName(), string(id))
	bob.get("/rooms").is(http.StatusOK)
	back := bob.watches(general, 0)
	must(t, s.community.SignOut(t.Context(), id.Hash()))
	back.closesWith(websocket.ClosePolicyViolation)
	if elsewhere.ended() != 0 {
		t.Error("the socket of another browser was closed too")
	}
}

func TestS11_SocketsEndWithANewPassword(t *testing.T) {
	t.Parallel()
	s := openSite(t, withoutLimits)
	bob, eve := s.person("bob"), s.person("eve")
	other := bob.beside()
	here, there, eves := bob.watches(general, 0), other.watches(general, 0), eve.watches(general, 0)
	id, err := s.community.ChangePassword(t.Context(), bob.session(), chat.Visit{}, password, "another horse, another battery")
	must(t, err)
	there.closesWith(websocket.ClosePolicyViolation)
	here.closesWith(websocket.CloseServiceRestart)
	other.get("/rooms").is(http.StatusUnauthorized)
	other.watches(general, 0).closesWith(websocket.ClosePolicyViolation)
	bob.keeps(s.cookieName(), string(id))
	bob.get("/rooms").is(http.StatusOK)
	again := bob.watches(general, 0)
	must(t, s.community.EndSessions(t.Context(), chat.Actor{User: bob.me()}, ""))
	again.closesWith(websocket.ClosePolicyViolation)
	if eves.ended() != 0 {
		t.Error("somebody else's socket was closed too")
	}
	if _, err := s.db.Session(t.Context(), id.Hash()); !errors.Is(err, chat.ErrNotFound) {
		t.Errorf("the session goes on: %v", err)
	}
}
