package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofiber/storage/postgres/v3"
	"github.com/gofiber/storage/sqlite3/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"chinwag/db"
	"chinwag/handlers"
)

// Blobs are what may be lost. Both packages panic where others return an error.
const (
	blobsTable      = "blobs"
	forgetBlobs     = 10 * time.Minute // how often those whose time is over are removed
	blobConnections = 4
	blobsAnswer     = 5 * time.Second // or are given up
)

// openBlobs opens them beside whatever keeps the community.
func (s *serveSettings) openBlobs(ctx context.Context, parts *handlers.Parts) (err error) {
	if s.shared() {
		parts.Blobs, err = openBlobTable(ctx, s.DatabaseURL)
	} else {
		parts.Blobs, err = openBlobFile(s.Data)
	}
	return err
}

// openBlobFile opens blobs in a file of their own, so that they disturb neither the messages nor their backups. The
// package's defaults (a hundred connections, one second each, no WAL) stall for seconds under load.
func openBlobFile(dir string) (blobs *sqlite3.Storage, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("open blobs.db: %v", r)
		}
	}()
	return sqlite3.New(sqlite3.Config{
		Database:     "file:" + filepath.Join(dir, "blobs.db") + "?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_txlock=immediate",
		Table:        blobsTable,
		MaxOpenConns: 1, MaxIdleConns: 1, ConnMaxLifetime: -1, GCInterval: forgetBlobs,
	}), nil
}

// openBlobTable opens blobs in a table beside the messages, so that all nodes share them.
func openBlobTable(ctx context.Context, address string) (blobs *postgres.Storage, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open the table of blobs: %w", err)
		}
	}()
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.MaxConns = blobConnections
	config.ConnConfig.ConnectTimeout = blobsAnswer
	config.ConnConfig.DialFunc = db.Patient(config.ConnConfig.DialFunc, 2*blobsAnswer)
	config.ConnConfig.RuntimeParams["application_name"] = "chinwag"
	config.ConnConfig.RuntimeParams["client_encoding"] = "UTF8"
	config.ConnConfig.RuntimeParams["statement_timeout"] = fmt.Sprint(blobsAnswer.Milliseconds())

	// The package looks for its table and makes it in two steps, and nodes start at the same moment: one at a time.
	turn, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, turn.Close(ctx)) }() // and unlocks
	if _, err := turn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('chinwag blobs'))`); err != nil {
		return nil, err
	}
	var schema string // the package would look for its table in another
	if err := turn.QueryRow(ctx, `SELECT current_schema()`).Scan(&schema); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			pool.Close()
			err = fmt.Errorf("%v", r)
		}
	}()
	return postgres.New(postgres.Config{DB: pool, Table: schema + "." + blobsTable, GCInterval: forgetBlobs}), nil
}
