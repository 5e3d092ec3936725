//go:build postgres

package main

import (
	"net/http"
	"strings"
	"testing"

	"chinwag/db/dbtest"
)

// Who is signed in before the move is signed in after it, and all is there.
func TestMove(t *testing.T) {
	t.Parallel()
	data, place := t.TempDir(), dbtest.Place(t)
	before := serve(t, data)
	form := before.opensSetup(t)
	if status := form.submit(t); status != http.StatusSeeOther {
		t.Fatalf("set-up answers %d", status)
	}
	before.stop().says(t, 0)

	for range 2 {
		got := typed(t, "", "move", "--data="+data, "--to="+place)
		got.says(t, 0)
		for _, want := range []string{"table ", "\nusers                       1  ", "--database-url", data, "counts of wrong passwords"} {
			if !strings.Contains(got.stdout, want) {
				t.Errorf("no %q in\n%s", want, got.stdout)
			}
		}
	}

	after := serveTogether(t, place)
	page, err := form.browser.Get(after.url + "/rooms/1")
	must(t, err)
	must(t, page.Body.Close())
	if page.StatusCode != http.StatusOK {
		t.Errorf("who was signed in is answered %d", page.StatusCode)
	}
	typed(t, "correct horse battery\n", "user", "add", "bob", "--database-url="+place).says(t, 0)
	after.stop().says(t, 0)
	typed(t, "", "move", "--data="+data, "--to="+place).says(t, exitFailed, "the move failed", "there is a community already")
	account(t, place, "bob")
}
