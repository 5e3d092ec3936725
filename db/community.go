package db

import (
	"context"

	"chinwag/chat"
)

const selectSettings = `SELECT name, registration, zone, set_up_at, faces_rev FROM community`

// Settings reads what is true of the community as a whole.
func (d *DB) Settings(ctx context.Context) (chat.Settings, error) {
	return scanSettings(d.reader.QueryRowContext(ctx, d.sql(selectSettings)))
}

// Settings reads the settings as they stand inside the transaction. See [chat.CommunityTx].
func (t *tx) Settings() (chat.Settings, error) { return scanSettings(t.row(selectSettings)) }

func scanSettings(r row) (chat.Settings, error) {
	var s chat.Settings
	var setUpAt int64
	err := r.Scan(&s.Name, &s.Registration, &s.Zone, &setUpAt, &s.FacesRev)
	s.SetUpAt = moment(setUpAt)
	return s, found(err, "read settings")
}

// SaveSettings writes the settings. See [chat.CommunityTx].
func (t *tx) SaveSettings(s chat.Settings) error {
	return found(t.exec(`UPDATE community SET name = $1, registration = $2, zone = $3, set_up_at = $4`,
		s.Name, s.Registration, s.Zone, millis(s.SetUpAt)), "save settings")
}
