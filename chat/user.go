package chat

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// Lengths of what people call themselves, in characters.
const (
	usernameMin    = 2
	usernameMax    = 32
	displayNameMax = 80
	emailMax       = 254 // RFC 5321, section 4.5.3.1.3, less the angle brackets
)

// Role is what somebody may do in the whole community.
type Role string

// The roles, from least to most.
const (
	RoleMember    Role = "member"
	RoleModerator Role = "moderator"
	RoleAdmin     Role = "admin"
)

// User is a person with an account.
type User struct {
	ID          UserID
	Username    string
	DisplayName string // what they like to be called; empty: the username
	Role        Role
	FaceRev     int64 // moves with every change of name or avatar
	CreatedAt   time.Time
}

// Name is what other people see.
func (u User) Name() string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.Username
}

// Deleted says whether the account is gone. Its number stays, for what its owner wrote.
func (u User) Deleted() bool { return u.Username == "" }

// Account is a user with what only sign-in needs.
type Account struct {
	User
	PasswordHash string
	Disabled     bool
}

// NewUser is what somebody fills in to get an account.
type NewUser struct {
	Username    string
	Password    string
	DisplayName string // optional
	Email       string // optional
	Invite      string // the token of an invitation that they follow, if any
}

// Registration says who may make an account.
type Registration string

// The three ways of registration.
const (
	RegistrationOpen   Registration = "open"
	RegistrationInvite Registration = "invite"
	RegistrationClosed Registration = "closed"
)

// Admits says whether somebody may make an account who was invited, or was not.
func (r Registration) Admits(invited bool) bool {
	return r == RegistrationOpen || r == RegistrationInvite && invited
}

func checkRegistration(r Registration) error {
	switch r {
	case RegistrationOpen, RegistrationInvite, RegistrationClosed:
		return nil
	}
	return invalid("registration", "registration.missing")
}

// reserved usernames would be mistaken for the program or for a mention of many.
var reserved = map[string]bool{"all": true, "channel": true, "everyone": true, "here": true, "room": true, "system": true, "chinwag": true}

// Register makes an account for somebody who came by themselves, or by an invitation, and signs them in.
// It returns the new session's secret id. ErrForbidden: the community does not take them.
func (c *Community) Register(ctx context.Context, from Visit, in NewUser) (SessionID, User, error) {
	invitation, err := c.invitationFor(ctx, in.Invite)
	if err != nil {
		return "", User{}, err
	}
	row, err := c.prepareUser(ctx, in, RoleMember)
	if err != nil {
		return "", User{}, err
	}
	id := newSessionID()
	var user User
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		if !settings.Registration.Admits(invitation != 0) {
			return ErrForbidden
		}
		if user, err = c.createUser(tx, row); err != nil {
			return err
		}
		by := Actor{User: user.ID, Address: from.Address}
		c.audit(tx, by, UserRegistered, user.ID, "")
		if invitation != 0 {
			if err := c.invited(tx, by, invitation); err != nil {
				return err
			}
		}
		if row.Email != "" {
			if err := c.queue(tx, JobMailConfirm, JobPayload{User: user.ID, Email: row.Email}); err != nil {
				return err
			}
		}
		return tx.CreateSession(c.newSession(id, user.ID, from))
	})
	return id, user, err
}

// AddUser makes an account on behalf of whoever runs the server. The first administrator made this way also ends set-up.
func (c *Community) AddUser(ctx context.Context, in NewUser, role Role) (User, error) {
	row, err := c.prepareUser(ctx, in, role)
	if err != nil {
		return User{}, err
	}
	row.EmailVerified = row.Email != "" // whoever runs the server vouches for it
	var user User
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		if user, err = c.createUser(tx, row); err != nil {
			return err
		}
		c.audit(tx, Actor{}, UserAdded, user.ID, string(role))
		settings, err := tx.Settings()
		if err != nil || settings.SetUp() || role != RoleAdmin {
			return err
		}
		settings.Name, settings.Registration = defaultName, RegistrationInvite
		return c.openCommunity(tx, user, settings)
	})
	return user, err
}

// UserRow is a new account as it is stored.
type UserRow struct {
	User
	UsernameKey   string
	Email         string
	EmailKey      string
	EmailVerified bool
	PasswordHash  string
}

// prepareUser checks what was typed and hashes the password, all before any transaction.
func (c *Community) prepareUser(ctx context.Context, in NewUser, role Role) (UserRow, error) {
	name, err := checkUsername(in.Username)
	if err != nil {
		return UserRow{}, err
	}
	display := oneLine(in.DisplayName)
	if utf8.RuneCountInString(display) > displayNameMax {
		return UserRow{}, invalidLength("display_name", "display_name.long", displayNameMax)
	}
	email, err := checkEmail(in.Email)
	if err != nil {
		return UserRow{}, err
	}
	settings, err := c.store.Settings(ctx)
	if err != nil {
		return UserRow{}, err
	}
	if err := checkPassword(in.Password, name, display, email, settings.Name); err != nil {
		return UserRow{}, err
	}
	hash, err := c.password.hash(ctx, in.Password)
	if err != nil {
		return UserRow{}, err
	}
	return UserRow{
		User:        User{Username: name, DisplayName: display, Role: role, CreatedAt: c.now()},
		UsernameKey: Fold(name), Email: email, EmailKey: Fold(email), PasswordHash: hash,
	}, nil
}

// createUser numbers and stores an account and brings it into the rooms that everybody starts in.
func (c *Community) createUser(tx Tx, row UserRow) (User, error) {
	_, err := tx.AccountByName(row.UsernameKey)
	if err == nil {
		return User{}, invalid("username", "username.taken")
	}
	if !errors.Is(err, ErrNotFound) {
		return User{}, err
	}
	if row.EmailVerified {
		if _, err := tx.AccountByEmail(row.EmailKey); !errors.Is(err, ErrNotFound) {
			return User{}, errors.Join(err, invalid("email", "email.taken"))
		}
	}
	if key := Fold(row.DisplayName); key != "" && key != row.UsernameKey {
		if _, err := tx.AccountByName(key); reserved[key] || !errors.Is(err, ErrNotFound) {
			return User{}, errors.Join(err, invalid("display_name", "display_name.taken"))
		}
	}
	id, err := tx.Next("user")
	if err != nil {
		return User{}, err
	}
	row.ID = UserID(id)
	if err := tx.CreateUser(row); err != nil {
		return User{}, err
	}
	rooms, err := tx.DefaultRooms()
	if err != nil {
		return User{}, err
	}
	for _, room := range rooms {
		if err := c.addMember(tx, room, row.ID, MemberPlain); err != nil {
			return User{}, err
		}
	}
	return row.User, nil
}

func checkUsername(typed string) (string, error) {
	name := withoutAt(typed)
	switch n := utf8.RuneCountInString(name); {
	case n < usernameMin:
		return "", invalidLength("username", "username.short", usernameMin)
	case n > usernameMax:
		return "", invalidLength("username", "username.long", usernameMax)
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._-", r)) {
			return "", invalid("username", "username.characters")
		}
	}
	if reserved[Fold(name)] {
		return "", invalid("username", "username.reserved")
	}
	return name, nil
}

// withoutAt reads a username as people write it to each other: with an @ before it or without.
func withoutAt(typed string) string { return strings.TrimPrefix(oneLine(typed), "@") }

// NameKey is what a typed username or e-mail address is looked up by. All spellings of one have one key.
func NameKey(typed string) string { return Fold(withoutAt(typed)) }

func checkEmail(typed string) (string, error) {
	email := oneLine(typed)
	if email == "" {
		return "", nil
	}
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > emailMax {
		return "", invalid("email", "email.wrong")
	}
	return email, nil
}
