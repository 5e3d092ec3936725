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
