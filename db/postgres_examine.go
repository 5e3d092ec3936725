package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// examinePostgres looks at a community's database without changing it.
func examinePostgres(ctx context.Context, address string) (note string, err error) {
	conn, err := postgresPool(address, 1, stdlib.OptionAfterConnect(readOnly))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkServer(ctx, conn); err != nil {
		return "", err
	}
	return examineSchema(ctx, conn, goose.DialectPostgres, `SELECT to_regclass('goose_db_version') IS NOT NULL`)
}
