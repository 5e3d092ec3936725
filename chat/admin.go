package chat

import (
	"context"
	"strings"
	"time"
)

// AccountTx changes accounts as administrators and their owners do.
type AccountTx interface {
	SaveRole(user UserID, role Role) error
	SaveDisabled(user UserID, disabled bool) error
	// SomeAdmin says whether there is an administrator who is not disabled.
	SomeAdmin() (bool, error)
	// HoldAccountByName is AccountByName, of an account that nobody deletes before the transaction ends.
	HoldAccountByName(key string) (Account, error)
	// EraseUser takes from an account all that is its owner's: names, address, password, links, mails that wait. Its number stays, as the author
	// of what was said.
	EraseUser(user UserID, at time.Time) error
	// MoveFaces has everything drawn again that shows somebody's name.
	MoveFaces()
}

// administers refuses whoever is no administrator. A command on the server needs no account.
func administers(tx Tx, by Actor) error {
	if by.User == 0 {
		return nil
	}
	account, err := tx.AccountByID(by.User)
	if err == nil && (account.Role != RoleAdmin || account.Disabled) {
		return ErrForbidden
	}
	return err
}

// ChangeCommunity gives the community another name, other people who may register, and another time zone. ErrForbidden: only
// an administrator does.
func (c *Community) ChangeCommunity(ctx context.Context, by Actor, name string, registration Registration, zone string) error {
	name, err := checkCommunityName(name)
	if err != nil {
		return err
	}
	if err := checkRegistration(registration); err != nil {
		return err
	}
	if err := checkZone(zone); err != nil {
		return err
	}
	return c.write(ctx, 0, func(tx Tx) error {
		if err := administers(tx, by); err != nil {
			return err
		}
		settings, err := tx.Settings()
		if err != nil {
			return err
		}
		changes := changed("name", settings.Name, name) + changed("registration", string(settings.Registration), string(registration)) +
			changed("zone", settings.Zone, zone)
		if changes == "" {
			return nil
		}
		settings.Name, settings.Registration, settings.Zone = name, registration, zone
		if err := tx.SaveSettings(settings); err != nil {
			return err
		}
		c.audit(tx, by, SettingsChanged, 0, strings.TrimSuffix(changes, "; "))
		return nil
	})
}

// changed is how the log says that a setting was changed; nothing if it was not.
func changed(setting, from, to string) string {
	if from == to {
		return ""
	}
	return setting + ": " + from + " → " + to + "; "
}

// checkZone takes the name of a time zone that everybody understands: not the machine's own.
func checkZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return invalid("zone", "zone.unknown")
	}
	return nil
}

// SetRole makes somebody a member, a moderator or an administrator. They are signed out everywhere, and sign in as what they
// are now. Nobody changes their own role, and the last administrator stays one.
func (c *Community) SetRole(ctx context.Context, by Actor, user UserID, role Role) error {
	switch role {
	case RoleMember, RoleModerator, RoleAdmin:
	default:
		return invalid("role", "role.missing")
	}
	return c.changeAccount(ctx, by, user, func(tx Tx, account Account) error {
		switch {
		case account.Role == role:
			return nil
		case account.ID == by.User:
			return invalid("", "role.own")
		}
		if err := tx.SaveRole(user, role); err != nil {
			return err
		}
		if err := stillAdmin(tx, account, "role.last"); err != nil {
			return err
		}
		c.audit(tx, by, RoleChanged, user, string(account.Role)+" → "+string(role))
		return c.endSessions(tx, user, "")
	})
}

// Disable keeps somebody out: they are signed out everywhere at once, and cannot sign in. Nobody disables themselves, and the
// last administrator stays.
func (c *Community) Disable(ctx context.Context, by Actor, user UserID) error {
	return c.changeAccount(ctx, by, user, func(tx Tx, account Account) error {
		switch {
		case account.Disabled:
			return nil
		case account.ID == by.User:
			return invalid("", "disable.own")
		}
		if err := tx.SaveDisabled(user, true); err != nil {
			return err
		}
		if err := tx.VoidLinks(user, LinkReset, c.now()); err != nil { // they must not lead in once it is enabled again
			return err
		}
		if err := stillAdmin(tx, account, "disable.last"); err != nil {
			return err
		}
		c.audit(tx, by, UserDisabled, user, "")
		return c.endSessions(tx, user, "")
	})
}

// Enable lets somebody in again who was disabled.
func (c *Community) Enable(ctx context.Context, by Actor, user UserID) error {
	return c.changeAccount(ctx, by, user, func(tx Tx, account Account) error {
		if !account.Disabled {
			return nil
		}
		if err := tx.SaveDisabled(user, false); err != nil {
			return err
		}
		c.audit(tx, by, UserEnabled, user, "")
		return nil
	})
}

// changeAccount is what an administrator does to an account. ErrNotFound: there is none, or it was deleted.
func (c *Community) changeAccount(ctx context.Context, by Actor, user UserID, change func(Tx, Account) error) error {
	return c.write(ctx, 0, func(tx Tx) error {
		if err := administers(tx, by); err != nil {
			return err
		}
		account, err := tx.AccountByID(user)
		if err != nil {
			return err
		}
		if account.Deleted() {
			return ErrNotFound
		}
		return change(tx, account)
	})
}

// stillAdmin refuses to take away the last administrator, who was the account as it was before.
func stillAdmin(tx Tx, before Account, sentence string) error {
	if before.Role != RoleAdmin || before.Disabled {
		return nil
	}
	some, err := tx.SomeAdmin()
	if err == nil && !some {
		return invalid("", sentence)
	}
	return err
}
