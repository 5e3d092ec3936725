package db

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// moveTarget is the transaction in which a community comes to PostgreSQL.
type moveTarget struct {
	conn *pgx.Conn
	tx   pgx.Tx
}

// openMoveTarget makes the schema and begins.
func openMoveTarget(ctx context.Context, address string) (*moveTarget, error) {
	if err := migratePostgres(ctx, address); err != nil {
		return nil, err
	}
	config, err := unhurriedConfig(address, nameMoving)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin: %w", err), conn.Close(ctx))
	}
	return &moveTarget{conn, tx}, nil
}

// close undoes what was not committed.
func (m *moveTarget) close() {
	_ = m.conn.Close(context.Background()) // who breaks off, or has committed, has no use for it
}

// lock keeps everybody else out of some tables, and gives them in the order they can be filled in.
func (m *moveTarget) lock(ctx context.Context, names []string) ([]table, error) {
	tables := make([]table, len(names))
	for i, name := range names {
		t, err := m.table(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("read the schema of %s: %w", name, err)
		}
		tables[i] = t
	}
	if _, err := m.tx.Exec(ctx, `LOCK TABLE `+quoted(names...)+` IN ACCESS EXCLUSIVE MODE`); err != nil {
		return nil, fmt.Errorf("keep others out of the database: %w", err)
	}
	return inOrder(tables)
}

func (m *moveTarget) table(ctx context.Context, name string) (table, error) {
	t := table{name: name}
	rows, err := m.tx.Query(ctx, `
		SELECT column_name, data_type FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`, name)
	if err != nil {
		return t, err
	}
	t.columns, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c column, err error) {
		return c, row.Scan(&c.name, &c.kind)
	})
	if err != nil {
		return t, err
	}
	t.key, err = m.list(ctx, `
		SELECT k.column_name FROM information_schema.table_constraints c
		JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name, table_name)
		WHERE c.table_schema = current_schema() AND c.table_name = $1 AND c.constraint_type = 'PRIMARY KEY'
		ORDER BY k.ordinal_position`, name)
	if err != nil {
		return t, err
	}
	if len(t.columns) == 0 || len(t.key) == 0 {
		return t, errors.New("it is not there, or has no primary key")
	}
	t.refers, err = m.list(ctx, `SELECT other.relname FROM pg_constraint c JOIN pg_class other ON other.oid = c.confrelid
		WHERE c.contype = 'f' AND c.conrelid = CAST($1 AS regclass)`, quoted(name))
	return t, err
}

func (m *moveTarget) list(ctx context.Context, text string, args ...any) ([]string, error) {
	rows, err := m.tx.Query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// clear makes room, or says that there is somebody's community.
func (m *moveTarget) clear(ctx context.Context, tables []table) error {
	if err := m.refuseUsed(ctx, tables); err != nil {
		return err
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.name
	}
	if _, err := m.tx.Exec(ctx, `TRUNCATE `+quoted(names...)); err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	return nil
}

func (m *moveTarget) refuseUsed(ctx context.Context, tables []table) error {
	var used, served bool // every start of a server makes the secret
	err := m.tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM secret) OR EXISTS (SELECT 1 FROM users), EXISTS (
			SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1)`, nameServing).Scan(&used, &served)
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	if !used {
		return nil
	}
	untouched, err := m.untouched(ctx, tables)
	switch {
	case err != nil:
		return fmt.Errorf("look at the database: %w", err)
	case !untouched:
		return ErrUsed
	case served: // it knows things by heart
		return errors.New("a server runs on that database: stop it first")
	}
	return nil
}

// untouched says whether all is as an earlier move left it.
func (m *moveTarget) untouched(ctx context.Context, tables []table) (bool, error) {
	var moved bool
	if err := m.tx.QueryRow(ctx, `SELECT to_regclass('moved') IS NOT NULL`).Scan(&moved); err != nil || !moved {
		return false, err
	}
	rows, err := m.tx.Query(ctx, `SELECT "table", rows, checksum FROM moved`)
	if err != nil {
		return false, err
	}
	left, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Moved])
	if err != nil || len(left) != len(tables) {
		return false, err
	}
	for _, t := range tables {
		if sum, err := m.sum(ctx, t); err != nil || !slices.Contains(left, sum) {
			return false, err
		}
	}
	return true, nil
}

// sum reads a whole table.
func (m *moveTarget) sum(ctx context.Context, t table) (Moved, error) {
	rows, err := m.tx.Query(ctx, t.read(` COLLATE "C"`))
	if err != nil {
		return Moved{}, fmt.Errorf("read it back: %w", err)
	}
	defer rows.Close()
	sum := newTableSum(t)
	for rows.Next() {
		values, err := rows.Values()
		if err == nil {
			err = sum.add(values)
		}
		if err != nil {
			return Moved{}, fmt.Errorf("read it back: %w", err)
		}
	}
	return sum.result(), rows.Err()
}

func (m *moveTarget) putSecret(ctx context.Context, t table, secret []byte) (Moved, error) {
	if _, err := m.tx.Exec(ctx, `INSERT INTO secret (id, value) VALUES (1, $1)`, secret); err != nil {
		return Moved{}, err
	}
	return m.sum(ctx, t)
}

// commit notes how it leaves everything, and ends. The note is no part of the schema, so no migration makes its table: only a
// later move looks at it.
func (m *moveTarget) commit(ctx context.Context, done []Moved) error {
	_, err := m.tx.Exec(ctx, `
		CREATE TABLE IF NOT EXISTS moved ("table" TEXT PRIMARY KEY, rows BIGINT NOT NULL, checksum TEXT NOT NULL);
		TRUNCATE moved`)
	if err != nil {
		return fmt.Errorf("note what was moved: %w", err)
	}
	for _, table := range done {
		if _, err := m.tx.Exec(ctx, `INSERT INTO moved VALUES ($1, $2, $3)`, table.Table, table.Rows, table.Checksum); err != nil {
			return fmt.Errorf("note what was moved: %w", err)
		}
		if _, err := m.tx.Exec(ctx, `ANALYZE `+quoted(table.Table)); err != nil {
			return fmt.Errorf("look over %s: %w", table.Table, err)
		}
	}
	if err := m.tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit, of which nobody knows whether it was done: %w", err)
	}
	return nil
}
