package db

import (
	"context"
	"sync"
	"time"

	"chinwag/chat"
)

const selectSettings = `SELECT name, registration, zone, set_up_at, faces_rev FROM community`

// settingsKept is how long settings are taken for true that another process may have changed. Every request and every
// frame asks for them.
const settingsKept = time.Second

// keptSettings are the settings as they were last read.
type keptSettings struct {
	mu       sync.Mutex
	settings chat.Settings
	readAt   time.Time // zero: none are kept
	changes  int       // how often this process changed them
}

// Settings reads what is true of the community as a whole. What another process changed shows within a second.
func (d *DB) Settings(ctx context.Context) (chat.Settings, error) {
	settings, changes, fresh := d.settings.get()
	if fresh {
		return settings, nil
	}
	settings, err := scanSettings(d.reader.QueryRowContext(ctx, d.sql(selectSettings)))
	if err == nil {
		d.settings.put(settings, changes)
	}
	return settings, err
}

func (k *keptSettings) get() (settings chat.Settings, changes int, fresh bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.settings, k.changes, !k.readAt.IsZero() && time.Since(k.readAt) < settingsKept
}

// put keeps what was read, unless it was changed after the read began.
func (k *keptSettings) put(settings chat.Settings, changes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.changes == changes {
		k.settings, k.readAt = settings, time.Now()
	}
}

// drop forgets them: others were committed.
func (k *keptSettings) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.readAt = time.Time{}
	k.changes++
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
	t.savesSettings = true
	return found(t.exec(`UPDATE community SET name = $1, registration = $2, zone = $3, set_up_at = $4`,
		s.Name, s.Registration, s.Zone, millis(s.SetUpAt)), "save settings")
}

// Numbers counts the people and the rooms that there are, for administrators.
func (d *DB) Numbers(ctx context.Context) (people, rooms int, err error) {
	err = d.reader.QueryRowContext(ctx, d.sql(`
		SELECT (SELECT COUNT(*) FROM users WHERE deleted_at = 0), (SELECT COUNT(*) FROM rooms)`)).Scan(&people, &rooms)
	return people, rooms, found(err, "count people and rooms")
}
