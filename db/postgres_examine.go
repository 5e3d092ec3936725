package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
)

// examinePostgres looks at a community's database without changing it.
func examinePostgres(ctx context.Context, address string) (note string, err error) {
	conn, err := postgresPool(address, 1, map[string]string{"default_transaction_read_only": "on"})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkServer(ctx, conn); err != nil {
		return "", err
	}
	var there bool
	if err := conn.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there); err != nil {
		return "", fmt.Errorf("read the schema's version: %w", err)
	}
	if !there {
		return "it is empty; the first start makes the community", nil
	}
	steps, err := migrationSteps(conn, goose.DialectPostgres)
	if err != nil {
		return "", err
	}
	have, newest, err := steps.GetVersions(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("read the schema's version: %w", err)
	case have > newest:
		return "", newerSchema(have, newest)
	case have < newest:
		return fmt.Sprintf("its schema is version %d; the next start makes it %d", have, newest), nil
	}
	return "", nil
}
