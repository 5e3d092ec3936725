package main

import (
	"errors"
	"fmt"
	"io/fs"

	"chinwag/db"
)

type moveCommand struct {
	Data string `help:"Directory of the community, which stays as it is." default:"./data" env:"CHINWAG_DATA" type:"path"`
	To   string `help:"PostgreSQL database to take it to: empty, or unused since an earlier move. Its key in a configuration file is to, not database_url." required:"" placeholder:"URL" env:"CHINWAG_DATABASE_URL"`
}

// Validate is called by kong after parsing.
func (m *moveCommand) Validate() error { return checkDatabaseURL("--to", m.To) }

// Run takes the community of a directory to PostgreSQL, and says what to do then.
func (m *moveCommand) Run(p process) error {
	key, err := readSecret(m.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("--data: there is no community in %s", m.Data)
	}
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	unlock, err := lock(m.Data)
	if errors.Is(err, errInUse) {
		return fmt.Errorf("--data: %w; stop it first, for what it still writes would not be taken along", err)
	}
	if err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	defer unlock()
	_, _ = fmt.Fprintf(p.stdout, "%-16s %12s  %s\n", "table", "rows", "checksum, the same on both sides")
	err = db.Move(p.ctx, m.Data, m.To, key, func(moved db.Moved) {
		_, _ = fmt.Fprintf(p.stdout, "%-16s %12d  %.16s\n", moved.Table, moved.Rows, moved.Checksum)
	})
	if err != nil {
		return fmt.Errorf("the move failed, and may be tried again: %w", oneLine(err))
	}
	_, err = fmt.Fprintf(p.stdout, `
Everything is there. Now start the server with --database-url, or CHINWAG_DATABASE_URL, set to that database.
Keep %s until all is well; it was only read, and what is written there from now on stays there.
What may be lost was left behind: sentences for somebody's next page, and counts of wrong passwords.
`, m.Data)
	return err
}
