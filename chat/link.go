package chat

import (
	"errors"
	"time"
)

// LinkPurpose is what a link is followed for.
type LinkPurpose string

// What links are for.
const (
	LinkReset LinkPurpose = "reset" // to choose another password
	LinkEmail LinkPurpose = "email" // to show that an address is one's own
)

// How long links may be followed, and how long what became of them is remembered: longer than a job is tried that might make
// one of them again.
const (
	resetLife   = 10 * time.Minute
	confirmLife = 24 * time.Hour
	linkKept    = 7 * 24 * time.Hour
)

// LinkHash is the SHA-256 of a link's token in base64url: what is stored.
type LinkHash string

func hashLink(token string) LinkHash { return LinkHash(hashToken(token)) }

// LinkRow is a link as it is stored.
type LinkRow struct {
	Hash      LinkHash
	Purpose   LinkPurpose
	User      UserID
	Email     string // that it confirms
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // or void since; zero: neither
}

// Link is a link and whose it is.
type Link struct {
	LinkRow
	Owner Account
}

// usable says whether a link leads anywhere. Missing, used, void, old, of another kind, and of an account that is closed are one
// answer.
func (c *Community) usable(link Link, err error, purpose LinkPurpose) error {
	switch {
	case err != nil:
		return err
	case link.Purpose != purpose, !link.UsedAt.IsZero(), !c.now().Before(link.ExpiresAt), link.Owner.Disabled:
		return ErrNotFound
	}
	return nil
}

// linkToken is the token of the link that a job mails. It is made of the job's number and time, so that whoever does the job again
// mails the same link, and so that nothing secret stands in the database while it waits.
func (c *Community) linkToken(purpose LinkPurpose, job Job) string {
	return c.derivedFor("link to "+string(purpose)+" of job "+job.made(), job.ID)
}

// saveLink has a token lead somewhere from now on, and no older one of that person and purpose. It renews a link that is there
// already. ErrNotFound: that one was used, or is void, or it would confirm an address that is not to be confirmed any more.
func (c *Community) saveLink(tx Tx, purpose LinkPurpose, user UserID, email, token string) error {
	life := resetLife
	if purpose == LinkEmail {
		life = confirmLife
		wanted, err := tx.Email(user)
		if err != nil {
			return err
		}
		if wanted.Unconfirmed() != email {
			return ErrNotFound
		}
	}
	now := c.now()
	row := LinkRow{Hash: hashLink(token), Purpose: purpose, User: user, Email: email, CreatedAt: now, ExpiresAt: now.Add(life)}
	before, err := tx.Link(row.Hash)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return err
	case !before.UsedAt.IsZero():
		return ErrNotFound
	default:
		return tx.RenewLink(row.Hash, row.ExpiresAt)
	}
	if err := tx.VoidLinks(user, purpose, now); err != nil {
		return err
	}
	if err := tx.DeleteOldLinks(user, now.Add(-linkKept)); err != nil {
		return err
	}
	return tx.CreateLink(row)
}
