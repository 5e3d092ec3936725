package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What may not be moved is said before anybody is asked for anything, and nothing is made.
func TestMoveFromNowhere(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	to := "--to=postgres://" + nobody(t) + "/chinwag"
	typed(t, "", "move", "--data="+data, to).says(t, exitFailed, "--data", "there is no community", data)
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it made the directory: %v", err)
	}
	typed(t, "", "move", "--data="+data).says(t, exitUsage, "--to")
	typed(t, "", "move", "--data="+data, "--config="+write(t, `{"to": "postgres://`+nobody(t)+`/chinwag"}`)).says(t, exitFailed, "there is no community")

	s := serve(t, data)
	typed(t, "", "move", "--data="+data, to).says(t, exitFailed, "--data", "another Chinwag server", "stop it first")
	s.stop().says(t, 0)
	typed(t, "", "move", "--data="+data, to).says(t, exitFailed, "the move failed", "refused")
}
