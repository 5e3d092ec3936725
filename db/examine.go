package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Examine looks at a community's database without changing it. The note says what is worth knowing; the error, what
// must be mended. A database that is not there yet is only worth a note.
func Examine(ctx context.Context, dir string) (note string, err error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "there is none yet; the first start makes it", nil
	}
	conn, err := open(path, 1, "mode=rw")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkPragmas(ctx, conn); err != nil {
		return "", err
	}
	var answer string
	if err := conn.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return "", fmt.Errorf("check the database: %w", err)
	}
	if answer != "ok" {
		return "", fmt.Errorf("the database is damaged: %s", answer)
	}
	return "", nil
}
