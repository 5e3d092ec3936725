package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateSQLite brings the schema of a file up to this program's version. The server and commands beside it may start at
// the same moment: one of them migrates, the others wait for it.
func migrateSQLite(ctx context.Context, dir string, conn *sql.DB) (err error) {
	turn, err := os.OpenFile(filepath.Join(dir, "migrate.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, turn.Close()) }() // closing it unlocks
	if err := syscall.Flock(int(turn.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("migrate: wait for another process: %w", err)
	}
	return migrate(ctx, conn, goose.DialectSQLite3, func(version int64) error {
		return copyBefore(ctx, dir, conn, version)
	})
}

// migrate runs the migrations that a schema lacks, if there are any after keep has kept the state before the first of them.
// A schema from a newer program is refused.
func migrate(ctx context.Context, conn *sql.DB, dialect goose.Dialect, keep func(version int64) error, options ...goose.ProviderOption) error {
	steps, err := migrationSteps(conn, dialect, options...)
	if err != nil {
		return err
	}
	have, err := steps.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	older, err := judge(have, newest(steps))
	if err != nil {
		return err
	}
	if have > 0 && older != "" {
		if err := keep(have + 1); err != nil {
			return fmt.Errorf("copy the database before migrating it: %w", err)
		}
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// judge says what is to be known of a schema's version: a note, if it is older than this program's; an error, if it is newer.
func judge(have, newest int64) (note string, err error) {
	switch {
	case have > newest:
		return "", fmt.Errorf("the database was made by a newer Chinwag (schema %d, this program knows %d): run that one", have, newest)
	case have < newest:
		return fmt.Sprintf("its schema is version %d; the next start makes it %d", have, newest), nil
	}
	return "", nil
}

// newest is the version that this program's steps lead to.
func newest(steps *goose.Provider) int64 {
	sources := steps.ListSources()
	return sources[len(sources)-1].Version
}

func migrationSteps(conn *sql.DB, dialect goose.Dialect, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	steps, err := goose.NewProvider(dialect, conn, stepsOf{files, dialect}, options...)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return steps, nil
}

// stepsOf are the migrations of one database: 0001_name.sql is everybody's, 0001_name.sqlite.sql and 0001_name.postgres.sql are
// what the two say differently.
type stepsOf struct {
	fs.FS
	dialect goose.Dialect
}

// Glob leaves out what is another database's. See [fs.GlobFS].
func (s stepsOf) Glob(pattern string) ([]string, error) {
	others := ".postgres.sql"
	if s.dialect == goose.DialectPostgres {
		others = ".sqlite.sql"
	}
	list, err := fs.Glob(s.FS, pattern)
	return slices.DeleteFunc(list, func(name string) bool { return strings.HasSuffix(name, others) }), err
}

// copyBefore keeps the database as it is before a migration, beside it, as a file that is whole or not there. The older
// program runs on it. A copy that is there already is of the same state: the migration was interrupted.
func copyBefore(ctx context.Context, dir string, conn *sql.DB, version int64) error {
	path := filepath.Join(dir, fmt.Sprintf("chinwag-before-%d.db", version))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unfinished := path + ".tmp"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := conn.ExecContext(ctx, `VACUUM INTO ?`, unfinished); err != nil {
		_ = os.Remove(unfinished) // it would be removed the next time
		return err
	}
	if err := syncFile(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return syncFile(dir)
}

// syncFile has a file, or the names in a directory, survive a power cut.
func syncFile(path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return file.Sync()
}
