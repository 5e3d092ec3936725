package handlers_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/db/dbtest"
	"chinwag/handlers"
	"chinwag/realtime"
	"chinwag/static"
	"chinwag/views"
)

// site is a whole server on a free port with a real database, and what a test does to it from outside.
type site struct {
	t         *testing.T
	URL       string // where it listens
	place     string // where its community is kept
	broker    realtime.Broker
	config    handlers.Config
	community *chat.Community
	db        *db.DB
	beside    *sql.DB // the same database, not through the server
	server    *handlers.Server
	log       *logBook
	clock     *clock
	mail      handlers.Mailer // nil: it sends none
	stop      func()          // ends the server and closes its data
	hurry     time.Duration   // if set, how long a request may take to arrive
}

// setupToken opens the set-up page of every test site.
const setupToken = "let-me-in"

// password is everybody's, unless a test is about passwords. Its hash is made beforehand: under the race detector each
// takes a tenth of a second.
const (
	password     = "correct horse battery"
	passwordHash = "$argon2id$v=19$m=47104,t=1,p=1$c2FsdCBvZiB0aGUgdGVzdA$gYQTAoTW6HdiDVgctAA7dMUclEjxfVEjuw/fejYa6jo"
)

// startSite starts a server that nobody has set up yet.
func startSite(t *testing.T, change ...func(*handlers.Config)) *site {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	s := &site{t: t, URL: "http://" + listener.Addr().String(), place: dbtest.Fresh(t), broker: realtime.NewMemory(), log: &logBook{}, clock: &clock{}}
	public, err := url.Parse(s.URL)
	must(t, err)
	s.config = handlers.Config{PublicURL: public, Limits: true, SetupToken: setupToken}
	for _, c := range change {
		c(&s.config)
	}
	s.serve(listener)
	t.Cleanup(func() { s.stop() })
	s.beside = dbtest.Beside(t, s.place)
	return s
}

// restarts ends the server and starts another on the same address and data, as after an update.
func (s *site) restarts() {
	s.t.Helper()
	s.stop()
	s.serve(listen(s.t, strings.TrimPrefix(s.URL, "http://")))
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	must(t, err)
	return listener
}

// serve builds the parts of a server over the site's data and starts it.
func (s *site) serve(listener net.Listener) {
	s.t.Helper()
	var err error
	s.db, err = db.Open(s.t.Context(), s.place, handlers.Publisher(s.broker))
	must(s.t, err)
	s.community = chat.New(s.db, []byte(strings.Repeat("k", 32)), s.clock.now)
	blobs := openBlobs(s.place)
	words, err := views.NewWords()
	must(s.t, err)
	assets, err := static.New()
	must(s.t, err)
	s.server, err = handlers.New(s.config, handlers.Parts{
		DB: s.db, Community: s.community, Blobs: blobs, Broker: s.broker, Mail: s.mail, Words: words, Assets: assets,
		Log: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	must(s.t, err)
	s.server.Drain(0) // nobody looks
	if s.hurry > 0 {
		s.server.HurryReads(s.hurry)
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(listener) }()
	s.stop = func() {
		must(s.t, s.server.Shutdown(5*time.Second))
		must(s.t, <-served)
		must(s.t, blobs.Close())
		must(s.t, s.db.Close())
	}
	s.stranger().waitsFor(handlers.HealthPath)
}

// openSite is a community that anybody may register in: its administrator is root, its first room General is number 1.
func openSite(t *testing.T, change ...func(*handlers.Config)) *site {
	t.Helper()
	s := startSite(t, change...)
	must(t, s.db.Write(t.Context(), 0, func(tx chat.Tx) error {
		now := s.clock.now()
		root, err := newAccount(tx, "root", chat.RoleAdmin, now)
		if err != nil {
			return err
		}
		number, err := tx.Next("room")
		if err != nil {
			return err
		}
		return errors.Join(
			tx.SaveSettings(chat.Settings{Name: "Test", Registration: chat.RegistrationOpen, Zone: "UTC", SetUpAt: now}),
			tx.CreateRoom(chat.RoomRow{
				ID: chat.RoomID(number), Kind: chat.RoomPublic, Name: "General", NameKey: "general", Default: true, CreatedBy: root, CreatedAt: now,
			}),
			tx.CreateMembership(chat.Membership{Room: general, User: root, Role: chat.MemberOwner, JoinedAt: now}),
		)
	}))
	return s
}

// callsItself gives the community another name.
func (s *site) callsItself(name string) {
	s.t.Helper()
	must(s.t, s.db.Write(s.t.Context(), 0, func(tx chat.Tx) error {
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		settings.Name = name
		return tx.SaveSettings(settings)
	}))
}

// general is the room everybody is in.
const general = chat.RoomID(1)

// behindProxy believes the forwarding headers of the tests' own address.
func behindProxy(c *handlers.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// behindTLS has a public address with https: a proxy that the tests skip would end TLS.
func behindTLS(c *handlers.Config) { c.PublicURL.Scheme = "https" }

// withoutLimits is for tests that hammer.
func withoutLimits(c *handlers.Config) { c.Limits = false }

// origin is the public one, which browsers name in their requests.
func (s *site) origin() string { return s.config.PublicURL.String() }

// seedMessages has somebody say "message 12 from ada" as often as told, and gives the texts.
func (s *site) seedMessages(room chat.RoomID, author string, n int) []string {
	s.t.Helper()
	var list []string
	last := int(s.number(`SELECT last_seq FROM rooms WHERE id = $1`, room))
	for i := range n {
		text := fmt.Sprintf("message %d from %s", last+i+1, author)
		_, err := s.community.Post(context.Background(), s.userID(author), room, text, chat.NewToken(16))
		must(s.t, err)
		list = append(list, text)
	}
	return list
}

// clock is the rules' time: real, plus what a test adds.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// forward moves the rules' time on.
func (c *clock) forward(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += by
}

// logBook keeps what the server logged.
type logBook struct {
	mu   sync.Mutex
	text strings.Builder
}

var _ io.Writer = (*logBook)(nil)

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
