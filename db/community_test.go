package db_test

import (
	"testing"

	"chinwag/chat"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	d := open(t)
	settings, err := d.Settings(t.Context())
	must(t, err)
	same(t, settings, chat.Settings{Registration: chat.RegistrationClosed, Zone: "UTC"})
	if settings.SetUp() {
		t.Error("set up by nobody")
	}

	want := chat.Settings{Name: "Ours & \"theirs\"", Registration: chat.RegistrationOpen, Zone: "Europe/Berlin", SetUpAt: d.Clock.Now()}
	must(t, d.Write(t.Context(), 0, func(tx chat.Tx) error {
		if err := tx.SaveSettings(want); err != nil {
			return err
		}
		inside, err := tx.Settings()
		same(t, inside, want)
		return err
	}))
	settings, err = d.Settings(t.Context())
	must(t, err)
	same(t, settings, want)
	if !settings.SetUp() {
		t.Error("not set up")
	}
}

// Settings are kept for a moment. What this process changes shows at once, what another changes soon.
func TestSettingsAreKeptForAMoment(t *testing.T) {
	t.Parallel()
	d := open(t)
	before := d.Queries()
	for range 10 {
		_, err := d.Settings(t.Context())
		must(t, err)
	}
	if n := d.Queries() - before; n > 2 {
		t.Errorf("%d statements for ten looks", n)
	}
	d.Exec(t, `UPDATE community SET name = 'elsewhere'`)
	eventually(t, func() bool {
		settings, err := d.Settings(t.Context())
		must(t, err)
		return settings.Name == "elsewhere"
	})
}
