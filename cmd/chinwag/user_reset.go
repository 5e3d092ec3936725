package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"

	"chinwag/chat"
	"chinwag/views"
)

type userResetCommand struct {
	dataSettings
	Name      string `arg:"" help:"The username, or the confirmed e-mail address."`
	Addr      string `help:"Listen address of the server, which the link leads to unless there is a public URL." default:"localhost:8080" env:"CHINWAG_ADDR"`
	PublicURL string `name:"public-url" help:"The server's public URL, where the link leads to (default: http:// and the listen address)." placeholder:"URL" env:"CHINWAG_PUBLIC_URL"`
}

// server are the settings that are the server's too.
func (u *userResetCommand) server() *serveSettings {
	return &serveSettings{Addr: u.Addr, dataSettings: u.dataSettings, PublicURL: u.PublicURL}
}

// Validate is called by kong after parsing. Its error names the setting.
func (u *userResetCommand) Validate() error {
	if err := u.server().Validate(); err != nil {
		return err
	}
	if port, err := u.port(); u.PublicURL == "" && (err != nil || port == 0) {
		return fmt.Errorf("--public-url: nobody knows the port that %s will mean; say where people reach the server", u.Addr)
	}
	return nil
}

// Run makes a link by which somebody chooses a new password; a server may be running meanwhile.
func (u *userResetCommand) Run(p process) (err error) {
	port, err := u.port()
	if err != nil {
		return err
	}
	public, err := u.server().publicURL(&net.TCPAddr{Port: port})
	if err != nil {
		return err
	}
	community, store, err := open(p, u.place())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	account, err := store.Account(p.ctx, chat.NameKey(u.Name))
	if errors.Is(err, chat.ErrNotFound) {
		return &usageError{fmt.Errorf("nobody here is called %q", u.Name)}
	}
	if err != nil {
		return err
	}
	token, err := community.MakeResetLink(p.ctx, chat.Actor{}, account.ID)
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		return inWords(problem)
	}
	if err != nil {
		return err
	}
	if u.PublicURL == "" {
		_, _ = fmt.Fprintf(p.stderr, "The link leads to %s, since no --public-url is set.\n", public)
	}
	_, err = fmt.Fprintf(p.stdout, "%s can choose a new password, once, within ten minutes, at\n%s%s\n",
		account.Username, public, views.ResetPath(token))
	return err
}

// port is that of the listen address.
func (u *userResetCommand) port() (int, error) {
	_, port, err := net.SplitHostPort(u.Addr)
	if err != nil {
		return 0, fmt.Errorf("--addr: %w", err)
	}
	return strconv.Atoi(port)
}
