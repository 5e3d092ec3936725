package db

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"chinwag/chat"
)

// CreateEntry adds a line to the log with the batch: its number is everybody's, and whoever took it early would hold up every
// other room. See [chat.AuditTx].
func (t *tx) CreateEntry(e chat.Entry) { t.entries = append(t.entries, e) }

// writeLog numbers and stores what the batch's items have for the log.
func (b *batch) writeLog() error {
	if len(b.entries) == 0 {
		return nil
	}
	var last int64
	err := b.conn.QueryRowContext(b.ctx, b.db.sql(`
		INSERT INTO counters (noun, value) VALUES ('audit', $1)
		ON CONFLICT (noun) DO UPDATE SET value = counters.value + $1
		RETURNING value`), len(b.entries)).Scan(&last)
	if err != nil {
		return err
	}
	for i, e := range b.entries {
		number := last - int64(len(b.entries)-1-i)
		if _, err := b.conn.ExecContext(b.ctx, b.db.sql(`
			INSERT INTO audit (`+entryColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`),
			number, millis(e.At), e.ActorID, e.Action, e.User, e.Room, e.Address, e.Detail); err != nil {
			return err
		}
	}
	return nil
}

// AuditLength is how many lines a page of the log shows.
const AuditLength = 50

// AuditQuery says which lines of the log are asked for. The zero value is the newest.
type AuditQuery struct {
	Action chat.AuditAction // only of this kind
	Who    string           // only what this person did, or what was done to them: a username
	Before int64            // only lines with a lower number
}

// AuditEntry is a line of the log with the names that belong to it, as they are now.
type AuditEntry struct {
	chat.Entry
	By       chat.User // who did it, if it was a person
	About    chat.User // to whom it was done, if to anybody
	RoomName string    // of a public room: those of others are known to their members only
}

// AuditPage is a page of the log, newest first.
type AuditPage struct {
	Entries []AuditEntry
	Before  int64 // where the next page begins; 0: there is none
}

// Audit reads a page of the log, for administrators. Nobody has done anything under a name that nobody has.
func (d *DB) Audit(ctx context.Context, q AuditQuery) (page AuditPage, err error) {
	where, args := []string{"id < $1"}, []any{q.Before, AuditLength + 1}
	if q.Before <= 0 {
		args[0] = int64(1) << 62
	}
	if q.Action != "" {
		args = append(args, chat.Fold(string(q.Action))) // as they are; databases do not take every text
		where = append(where, "action = $3")
	}
	lines := selectLines(where...)
	if q.Who != "" {
		account, err := scanAccount(d.reader.QueryRowContext(ctx, d.sql(selectAccount), chat.NameKey(q.Who)))
		if errors.Is(err, chat.ErrNotFound) {
			return page, nil
		}
		if err != nil {
			return page, err
		}
		args = append(args, account.ID)
		person := placeholders(len(args), 1)
		// One part a column, so that each walks an index backwards and stops.
		lines = selectLines(append(where, "actor_id = "+person)...) + " UNION " + selectLines(append(where, "user_id = "+person)...)
	}
	err = d.each(ctx, d.reader, func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		page.Entries = append(page.Entries, e)
		return err
	}, `
		SELECT a.id, a.at, a.actor_id, a.action, a.user_id, a.room_id, a.address, a.detail,
			COALESCE(b.username, ''), COALESCE(b.display_name, ''), COALESCE(u.username, ''), COALESCE(u.display_name, ''), COALESCE(r.name, '')
		FROM (`+lines+`) a
		LEFT JOIN users b ON b.id = a.actor_id
		LEFT JOIN users u ON u.id = a.user_id
		LEFT JOIN rooms r ON r.id = a.room_id AND r.kind = 'public'
		ORDER BY a.id DESC LIMIT $2`, args...)
	if len(page.Entries) > AuditLength {
		page.Entries = page.Entries[:AuditLength]
		page.Before = page.Entries[AuditLength-1].ID
	}
	return page, found(err, "read the log")
}

const entryColumns = `id, at, actor_id, action, user_id, room_id, address, detail`

// selectLines are as many lines of the log as a page needs, newest first.
func selectLines(where ...string) string {
	return `SELECT * FROM (SELECT ` + entryColumns + ` FROM audit
		WHERE ` + strings.Join(where, " AND ") + ` ORDER BY id DESC LIMIT $2) part`
}

func scanEntry(r row) (e AuditEntry, err error) {
	var at int64
	err = r.Scan(&e.ID, &at, &e.ActorID, &e.Action, &e.User, &e.Room, &e.Address, &e.Detail,
		&e.By.Username, &e.By.DisplayName, &e.About.Username, &e.About.DisplayName, &e.RoomName)
	e.At, e.By.ID, e.About.ID = moment(at), e.ActorID, e.User
	return e, err
}
