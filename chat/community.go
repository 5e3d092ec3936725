package chat

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"
	"unicode/utf8"
)

const (
	communityNameMax = 80        // characters
	defaultName      = "Chinwag" // until an administrator gives another
	firstRoom        = "General"
)

// Settings is what is true of the community as a whole.
type Settings struct {
	Name         string
	Registration Registration
	Zone         string    // IANA time zone in which days are counted and times are drawn
	SetUpAt      time.Time // zero: nobody has set it up
	FacesRev     int64     // moves with every change of anybody's name or avatar: what was drawn before is drawn again
}

// SetUp says whether there is an administrator.
func (s Settings) SetUp() bool { return !s.SetUpAt.IsZero() }

// NewCommunity is what the first administrator fills in.
type NewCommunity struct {
	Name         string
	Username     string
	Password     string
	Registration Registration
}

// SetUp names the community, makes its first administrator and the room General, and signs the administrator in.
// It works once: afterwards it is ErrNotFound.
func (c *Community) SetUp(ctx context.Context, from Visit, in NewCommunity) (SessionID, error) {
	name, err := checkCommunityName(in.Name)
	if err != nil {
		return "", err
	}
	if err := checkRegistration(in.Registration); err != nil {
		return "", err
	}
	if err := checkPassword(in.Password, name); err != nil { // what the settings do not say yet
		return "", err
	}
	row, err := c.prepareUser(ctx, NewUser{Username: in.Username, Password: in.Password}, RoleAdmin)
	if err != nil {
		return "", err
	}
	id := newSessionID()
	err = c.store.Write(ctx, 0, func(tx Tx) error {
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		if settings.SetUp() {
			return ErrNotFound
		}
		user, err := c.createUser(tx, row)
		if err != nil {
			return err
		}
		settings.Name, settings.Registration = name, in.Registration
		if err := c.openCommunity(tx, user, settings); err != nil {
			return err
		}
		c.audit(tx, Actor{User: user.ID, Address: from.Address}, UserRegistered, user.ID, string(user.Role))
		return tx.CreateSession(c.newSession(id, user.ID, from))
	})
	return id, err
}

func checkCommunityName(typed string) (string, error) {
	name := oneLine(typed)
	if name == "" {
		return "", invalid("community", "community.missing")
	}
	if utf8.RuneCountInString(name) > communityNameMax {
		return "", invalidLength("community", "community.long", communityNameMax)
	}
	return name, nil
}

// openCommunity ends set-up: the settings are saved, and the first room is there with everybody in it.
func (c *Community) openCommunity(tx Tx, admin User, settings Settings) error {
	settings.SetUpAt = c.now()
	if err := tx.SaveSettings(settings); err != nil {
		return err
	}
	row := RoomRow{Kind: RoomPublic, Name: firstRoom, NameKey: Fold(firstRoom), Default: true, CreatedBy: admin.ID, CreatedAt: c.now()}
	if err := c.createRoom(tx, &row); err != nil {
		return err
	}
	everybody, err := tx.UserIDs()
	if err != nil {
		return err
	}
	for _, user := range everybody {
		if user == admin.ID {
			continue
		}
		if err := c.addMember(tx, Room{ID: row.ID}, user, MemberPlain); err != nil {
			return err
		}
	}
	return nil
}

// SetupToken opens the set-up page of a community with several nodes. It is the same on all of them, so that the link which
// one printed leads in wherever it is followed; once the community is set up, it opens nothing.
func (c *Community) SetupToken() string {
	mac := hmac.New(sha256.New, c.key)
	_, _ = mac.Write([]byte("set-up")) // a hash never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
