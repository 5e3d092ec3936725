package handlers_test

import (
	"context"
	"errors"
	"net/http"
	"time"

	"chinwag/chat"
)

// newcomer is somebody new who is signed in already and in these rooms alone. No password is hashed for it, so that
// tests with many people stay quick.
func (s *site) newcomer(rooms ...chat.RoomID) *browser {
	s.t.Helper()
	return s.settles("user"+chat.NewToken(6), rooms...)
}

// person is somebody with a name in General, signed in.
func (s *site) person(name string) *browser {
	s.t.Helper()
	return s.settles(name, general)
}

// settles makes an account, memberships and a session, as if they had always been there.
func (s *site) settles(name string, rooms ...chat.RoomID) *browser {
	s.t.Helper()
	id := chat.SessionID(chat.NewToken(32))
	must(s.t, s.db.Write(context.Background(), 0, func(tx chat.Tx) error {
		now := s.clock.now()
		user, err := newAccount(tx, name, chat.RoleMember, now)
		for _, room := range rooms {
			err = errors.Join(err, tx.CreateMembership(chat.Membership{Room: room, User: user, Role: chat.MemberPlain, JoinedAt: now}))
		}
		return errors.Join(err, tx.CreateSession(chat.SessionRow{Hash: id.Hash(), User: user, SignedInAt: now}))
	}))
	b := s.stranger()
	b.keeps(s.cookieName(), string(id))
	return b
}

// newAccount stores an account with everybody's password.
func newAccount(tx chat.Tx, name string, role chat.Role, now time.Time) (chat.UserID, error) {
	n, err := tx.Next("user")
	if err != nil {
		return 0, err
	}
	user := chat.User{ID: chat.UserID(n), Username: name, Role: role, CreatedAt: now}
	return user.ID, tx.CreateUser(chat.UserRow{User: user, UsernameKey: chat.Fold(name), PasswordHash: passwordHash})
}

// root is the administrator's browser.
func (s *site) root() *browser {
	s.t.Helper()
	b := s.stranger()
	b.signsIn("root", password)
	return b
}

// userID is the number of somebody's account.
func (s *site) userID(name string) chat.UserID {
	s.t.Helper()
	account, err := s.db.Account(context.Background(), chat.Fold(name))
	must(s.t, err)
	return account.ID
}

// cookieName is the session's.
func (s *site) cookieName() string {
	if s.config.PublicURL.Scheme == "https" {
		return "__Host-sid"
	}
	return "sid"
}

// keeps puts a cookie into the browser.
func (b *browser) keeps(name, value string) {
	b.client.Jar.SetCookies(b.site.config.PublicURL, []*http.Cookie{{
		Name: name, Value: value, Path: "/", Secure: b.site.config.PublicURL.Scheme == "https", Expires: time.Now().Add(24 * time.Hour),
	}})
}

// me is the number of the person at a browser.
func (b *browser) me() chat.UserID {
	b.t.Helper()
	var id int64
	hash := string(chat.SessionID(b.cookie(b.site.cookieName())).Hash())
	must(b.t, b.site.beside.QueryRowContext(b.t.Context(), `SELECT user_id FROM sessions WHERE id_hash = $1`, hash).Scan(&id))
	return chat.UserID(id)
}

// name is the username of the person at a browser.
func (b *browser) name() string {
	b.t.Helper()
	return b.site.texts(`SELECT username FROM users WHERE id = $1`, b.me())[0]
}

// room makes a room of the administrator's with some messages in it.
func (s *site) room(name string, kind chat.RoomKind, messages int) chat.RoomID {
	s.t.Helper()
	id, err := s.community.CreateRoom(context.Background(), s.userID("root"), chat.NewRoom{Name: name, Kind: kind})
	must(s.t, err)
	s.seedMessages(id, "root", messages)
	return id
}
