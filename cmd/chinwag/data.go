package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"chinwag/chat"
	"chinwag/db"
	"chinwag/handlers"
	"chinwag/realtime"
)

// open opens the community at a place, for the commands beside the server. Nobody is told of what they write: it is found
// in the database.
func open(p process, place string) (*chat.Community, *db.DB, error) {
	store, key, err := openStore(p.ctx, place, handlers.Publisher(realtime.NewMemory()))
	if err != nil {
		return nil, nil, err
	}
	return chat.New(store, key, time.Now), store, nil
}

// openStore opens the database at a place, and reads the installation's secret: a file beside SQLite, a row in PostgreSQL.
func openStore(ctx context.Context, place string, publisher chat.Publisher) (*db.DB, []byte, error) {
	store, err := db.Open(ctx, place, publisher)
	if err != nil {
		return nil, nil, oneLine(err)
	}
	var key []byte
	if db.Shared(place) {
		key, err = store.Secret(ctx)
	} else {
		key, err = secret(place)
	}
	if err != nil {
		return nil, nil, errors.Join(err, store.Close())
	}
	return store, key, nil
}

// oneLine makes a sentence of an error that has a line for each address of the database.
func oneLine(err error) error {
	if err == nil {
		return nil
	}
	return sentence{err}
}

// sentence is an error that is said in one line.
type sentence struct{ error }

func (s sentence) Error() string { return strings.Join(strings.Fields(s.error.Error()), " ") }

func (s sentence) Unwrap() error { return s.error }

const secretSize = 32 // bytes

// secret reads this installation's secret, or makes it at the first start.
func secret(dir string) ([]byte, error) {
	key, err := readSecret(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return makeSecret(dir, filepath.Join(dir, "secret"))
	}
	return key, err
}

// readSecret reads a secret that must be there.
func readSecret(dir string) ([]byte, error) {
	path := filepath.Join(dir, "secret")
	key, err := os.ReadFile(path)
	if err == nil && len(key) != secretSize {
		return nil, fmt.Errorf("%s is damaged: %d bytes, not %d", path, len(key), secretSize)
	}
	return key, err
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

var errInUse = errors.New("another Chinwag server already uses")

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
		return nil, errors.Join(fmt.Errorf("%w %s", errInUse, dir), file.Close())
	}
	return func() { _ = file.Close() }, nil // closing it unlocks
}
