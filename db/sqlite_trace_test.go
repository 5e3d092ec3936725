//go:build !postgres

package db_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chinwag/chat"
	"chinwag/db/dbtest"
)

// What somebody deleted is in no file any more once the server has stopped.
func TestDeletedTextLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const secret = "FORENSIC"
	t.Run("said, edited and deleted", func(t *testing.T) {
		d := dbtest.OpenIn(t, dir)
		ann := d.NewPerson(t, "ann")
		room := d.NewRoom(t, chat.RoomPublic, "Hall", ann)
		seq := d.Post(t, ann, room, strings.Repeat(secret, 100))
		d.Edit(t, ann, room, seq, "later "+secret)
		for range 300 { // so that it is written to where it stays
			d.Post(t, ann, room, strings.Repeat("and so on ", 30))
		}
		d.Delete(t, ann, room, seq)
	})
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, file := range files {
		bytes, err := os.ReadFile(file)
		must(t, err)
		if strings.Contains(string(bytes), secret) {
			t.Errorf("%s still has the text", filepath.Base(file))
		}
	}
}
