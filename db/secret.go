package db

import (
	"context"
	"crypto/rand"

	"chinwag/chat"
)

const secretSize = 32 // bytes

// Secret reads the installation's secret of 32 bytes that all nodes share, or makes it: the first of several wins. A
// community in a directory keeps its secret in a file there and does not ask for it.
func (d *DB) Secret(ctx context.Context) ([]byte, error) {
	made := make([]byte, secretSize)
	_, _ = rand.Read(made) // never fails: crypto/rand ends the program instead
	var secret []byte
	err := d.Write(ctx, 0, func(of chat.Tx) error {
		t := of.(*tx) // the rules know of no secret
		if err := t.exec(`INSERT INTO secret (id, value) VALUES (1, $1) ON CONFLICT DO NOTHING`, made); err != nil {
			return found(err, "make the secret")
		}
		return found(t.row(`SELECT value FROM secret`).Scan(&secret), "read the secret")
	})
	return secret, err
}
