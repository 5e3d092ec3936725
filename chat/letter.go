package chat

import (
	"context"
	"fmt"
)

// Letter is a mail as the rules know it: to whom, why, and with which link.
type Letter struct {
	Kind  JobKind
	To    string // the address
	User  User   // whose account it is about
	Token string // of the link in it; empty: there is none
	ID    string // the same for each attempt at the same mail
}

// Letter decides to whom the mail of a job goes, and has its link lead somewhere from now on. ErrNotFound: there is nothing to
// send, or not any more.
func (c *Community) Letter(ctx context.Context, job Job) (Letter, error) {
	var letter Letter
	err := c.store.Write(ctx, 0, func(tx Tx) (err error) {
		letter = Letter{Kind: job.Kind, ID: c.letterID(job)}
		switch job.Kind {
		case JobMailReset:
			err = c.resetLetter(tx, job, &letter)
		case JobMailConfirm:
			letter.To, letter.Token = job.Payload.Email, c.linkToken(LinkEmail, job)
			err = c.saveLink(tx, LinkEmail, job.Payload.User, letter.To, letter.Token)
		case JobMailEmailChanged:
			letter.To = job.Payload.Email
		case JobMailPasswordChanged:
			letter.To, err = verifiedEmail(tx, job.Payload.User)
		default: // a newer program's: it is put off until a node that has that takes it
			err = fmt.Errorf("there is no letter %q", job.Kind)
		}
		if err != nil || letter.User.ID != 0 {
			return err
		}
		letter.User, err = tx.User(job.Payload.User)
		if err == nil && letter.User.Deleted() {
			err = ErrNotFound
		}
		return err
	})
	if err != nil {
		return Letter{}, err
	}
	return letter, nil
}

// resetLetter looks only now whether the address that somebody typed is anybody's. It goes to the address as its owner wrote
// it, never to what was typed: two that are folded alike may be two people's.
func (c *Community) resetLetter(tx Tx, job Job, letter *Letter) error {
	account, err := tx.AccountByEmail(job.Payload.Key)
	if err != nil {
		return err
	}
	if account.Disabled {
		return ErrNotFound
	}
	letter.User = account.User
	if letter.To, err = verifiedEmail(tx, account.ID); err != nil {
		return err
	}
	letter.Token = c.linkToken(LinkReset, job)
	return c.saveLink(tx, LinkReset, account.ID, "", letter.Token)
}

// verifiedEmail is the address that is known to be somebody's; ErrNotFound: there is none.
func verifiedEmail(tx Tx, user UserID) (string, error) {
	email, err := tx.Email(user)
	if err == nil && !email.Verified {
		err = ErrNotFound
	}
	return email.Address, err
}

// letterID names the mail of a job, and tells nothing of it.
func (c *Community) letterID(job Job) string {
	return c.derivedFor("name of a mail "+job.made(), job.ID)[:20]
}
