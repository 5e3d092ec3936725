package db

import (
	"context"
	"crypto/rand"
	"fmt"
)

const secretSize = 32 // bytes

// Secret reads the installation's secret of 32 bytes that all nodes share, or makes it: the first of several wins. A
// community in a directory keeps its secret in a file there and does not ask for it.
func (d *DB) Secret(ctx context.Context) ([]byte, error) {
	made := make([]byte, secretSize)
	_, _ = rand.Read(made) // never fails: crypto/rand ends the program instead
	_, err := d.writer.ExecContext(ctx, d.sql(`INSERT INTO secret (id, value) VALUES (1, $1) ON CONFLICT DO NOTHING`), made)
	if err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	var secret []byte
	if err := d.reader.QueryRowContext(ctx, d.sql(`SELECT value FROM secret`)).Scan(&secret); err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	return secret, nil
}
