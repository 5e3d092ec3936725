package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"chinwag/chat"
	"chinwag/handlers"
	"chinwag/static"
	"chinwag/views"
)

type serveCommand struct {
	serveSettings
}

// stopWithin is how long requests and sockets get to end after SIGTERM.
const stopWithin = 10 * time.Second

// errDisk ends the server at once.
var errDisk = errors.New("the disk does not keep what is written to it")

// Run serves until the process is told to stop.
func (s *serveCommand) Run(p process) (err error) {
	log := newLog(p.stderr, s.level())
	unlock, err := s.lock() // before the schema is touched, until the database is closed
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	defer unlock()
	parts, shut, err := s.build(p, log)
	if err != nil {
		return err
	}
	defer func() {
		if !errors.Is(err, errDisk) {
			err = errors.Join(err, shut())
		}
	}()

	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("--addr: cannot listen on %s: %w", s.Addr, err)
	}
	config, err := s.config(listener.Addr(), parts.Community)
	if err != nil {
		return err
	}
	if parts.Mail, err = s.mailer(config.PublicURL); err != nil {
		return err
	}
	server, err := handlers.New(config, parts)
	if err != nil {
		return err
	}
	settings, err := parts.DB.Settings(p.ctx)
	if err != nil {
		return err
	}
	greet(p.stdout, config, settings)

	go returnMemory(p.ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case err := <-parts.DB.Failed():
		// Nothing is drained or closed: whatever else is written now hides what is missing. Whoever runs us starts us again.
		err = fmt.Errorf("%w: %w", errDisk, err)
		log.Error("stopping at once", slog.Any("error", err))
		return err
	case <-p.ctx.Done():
		log.Info("stopping")
		err := server.Shutdown(stopWithin)
		_ = listener.Close() // told to stop before it served, it would serve for ever
		if late := <-served; !errors.Is(late, net.ErrClosed) {
			err = errors.Join(err, late)
		}
		return err
	}
}

func (s *serveCommand) config(listening net.Addr, community *chat.Community) (handlers.Config, error) {
	public, err := s.publicURL(listening)
	if err != nil {
		return handlers.Config{}, err
	}
	proxies, err := s.proxies()
	if err != nil {
		return handlers.Config{}, err
	}
	config := handlers.Config{PublicURL: public, TrustedProxies: proxies, Limits: s.Limits == "on", SetupToken: chat.NewToken(16)}
	if s.shared() { // whoever follows the link may come to another node
		config.SetupToken = community.SetupToken()
	}
	return config, nil
}

// greet says where the chat is and, until somebody has set it up, how.
func greet(out io.Writer, config handlers.Config, settings chat.Settings) {
	_, _ = fmt.Fprintf(out, "Chinwag is at %s\n", config.PublicURL)
	if !settings.SetUp() {
		_, _ = fmt.Fprintf(out, "Set it up at  %s%s\n", config.PublicURL, views.SetupPath(config.SetupToken))
	}
}

// lock keeps a second server out of a data directory. Several may work on one PostgreSQL.
func (s *serveSettings) lock() (unlock func(), err error) {
	if s.shared() {
		return func() {}, nil
	}
	return lock(s.Data)
}

// latePublisher is there when the database is opened, and passes on to one that comes before the first write: the broker
// needs the secret, which may stand in the database.
type latePublisher struct{ chat.Publisher }

// build opens what a server works with, and gives back how to close it, in reverse.
func (s *serveSettings) build(p process, log *slog.Logger) (parts handlers.Parts, shut func() error, err error) {
	words, wordsErr := views.NewWords()
	assets, assetsErr := static.New()
	if err := errors.Join(wordsErr, assetsErr); err != nil {
		return parts, nil, err
	}
	publisher := &latePublisher{}
	store, key, err := openStore(p.ctx, s.place(), publisher)
	if err != nil {
		return parts, nil, err
	}
	broker, shutBroker, err := s.broker(key, log)
	if err != nil {
		return parts, nil, errors.Join(err, store.Close())
	}
	publisher.Publisher = handlers.Publisher(broker)
	shutStore := func() error {
		err := store.Close() // its last writes are still told
		shutBroker()
		return err
	}
	parts = handlers.Parts{
		DB: store, Community: chat.New(store, key, time.Now), Broker: broker, Words: words, Assets: assets, Log: log,
	}
	if err := s.openBlobs(p.ctx, &parts); err != nil {
		return parts, nil, errors.Join(err, shutStore())
	}
	return parts, func() error { return errors.Join(parts.Blobs.Close(), shutStore()) }, nil
}

// newLog writes lines for people on a terminal and JSON for machines elsewhere.
func newLog(out io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(out, options))
		}
	}
	return slog.New(slog.NewJSONHandler(out, options))
}
