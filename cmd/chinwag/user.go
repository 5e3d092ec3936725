package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"chinwag/chat"
	"chinwag/views"
)

type userCommand struct {
	Add   userAddCommand   `cmd:"" help:"Make an account. The password is the first line of standard input."`
	Reset userResetCommand `cmd:"" help:"Print a link by which somebody chooses a new password, once, within ten minutes."`
}

type userAddCommand struct {
	dataSettings
	Name  string `arg:"" help:"The username."`
	Admin bool   `help:"Make an administrator. The first one also ends set-up."`
	Email string `help:"The person's e-mail address."`
}

// Run makes an account; a server may be running meanwhile.
func (u *userAddCommand) Run(p process) (err error) {
	password, err := readPassword(p)
	if err != nil {
		return err
	}
	community, store, err := open(p, u.place())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	role := chat.RoleMember
	if u.Admin {
		role = chat.RoleAdmin
	}
	user, err := community.AddUser(p.ctx, chat.NewUser{Username: u.Name, Password: password, Email: u.Email}, role)
	var problem *chat.Invalid
	if errors.As(err, &problem) {
		return inWords(problem)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s may sign in now.\n", user.Username)
	return err
}

// inWords says a rule's refusal as the pages say it.
func inWords(problem *chat.Invalid) error {
	words, err := views.NewWords()
	if err != nil {
		return err
	}
	if problem.Field == "" {
		return &usageError{errors.New(words.TError(problem))}
	}
	return &usageError{fmt.Errorf("%s: %s", problem.Field, words.TError(problem))}
}

// readPassword reads one line; what is typed at a terminal is not shown.
func readPassword(p process) (string, error) {
	_, _ = fmt.Fprintf(p.stderr, "Password (%d to %d characters): ", chat.PasswordMin, chat.PasswordMax)
	if file, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		typed, err := term.ReadPassword(int(file.Fd()))
		_, _ = fmt.Fprintln(p.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return string(typed), nil
	}
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
