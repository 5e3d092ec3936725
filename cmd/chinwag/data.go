package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofiber/storage/sqlite3/v2"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
	"chinwag/realtime"
)

// open opens the community in a directory, for the server and for commands beside it.
func open(p process, dir string, broker realtime.Broker) (*chat.Community, *db.DB, error) {
	store, err := db.Open(p.ctx, dir, handlers.Publisher(broker))
	if err != nil {
		return nil, nil, err
	}
	key, err := secret(dir)
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return chat.New(store, key, time.Now), store, nil
}

// openBlobs opens what may be lost: its own file, so that it disturbs neither the messages nor their backups. The
// package's defaults (a hundred connections, one second each, no WAL) stall for seconds under load.
func openBlobs(dir string) (blobs *sqlite3.Storage, err error) {
	defer func() {
		if r := recover(); r != nil { // the package panics where others return an error
			err = fmt.Errorf("open blobs.db: %v", r)
		}
	}()
	return sqlite3.New(sqlite3.Config{
		Database:     "file:" + filepath.Join(dir, "blobs.db") + "?_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_txlock=immediate",
		Table:        "blobs",
		MaxOpenConns: 1, MaxIdleConns: 1, ConnMaxLifetime: -1, GCInterval: 10 * time.Minute,
	}), nil
}

const secretSize = 32 // bytes

// secret reads this installation's secret, or makes it at the first start.
func secret(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret")
	key, err := os.ReadFile(path)
	if err == nil && len(key) != secretSize {
		return nil, fmt.Errorf("%s is damaged: %d bytes, not %d", path, len(key), secretSize)
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	return makeSecret(dir, path)
}

// makeSecret writes a secret where none is. It appears whole or not at all; one process at a time makes it, in a file that
// whoever comes after one that was killed takes over.
func makeSecret(dir, path string) (key []byte, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("make a secret: %w", err)
		}
	}()
	draft, err := os.OpenFile(path+".new", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, draft.Close()) }() // and unlocks it
	if err := syscall.Flock(int(draft.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err == nil { // somebody else made it meanwhile
		_ = os.Remove(draft.Name()) // they may have done that too
		return secret(dir)
	}
	key = make([]byte, secretSize)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	_, err = draft.WriteAt(key, 0)
	if err := errors.Join(err, draft.Truncate(secretSize), draft.Sync()); err != nil {
		return nil, err
	}
	return key, os.Rename(draft.Name(), path)
}

// lock keeps a second server out of a data directory, which is made when missing. Other commands may write beside the
// server.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another Chinwag server already uses %s", dir), file.Close())
	}
	return func() { _ = file.Close() }, nil // closing it unlocks
}
