package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestSecretIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "secret.new"), []byte("half of one, by a process that was killed, and more"), 0o600))
	var all sync.WaitGroup
	keys := make([][]byte, 10)
	for i := range keys {
		all.Go(func() {
			var err error
			if keys[i], err = secret(dir); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, key := range keys {
		if len(key) != secretSize || !bytes.Equal(key, keys[0]) || bytes.Equal(key, make([]byte, secretSize)) {
			t.Errorf("%x and %x", keys[0], key)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "secret"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v", info.Mode())
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 1 {
		t.Errorf("left %v", files)
	}
}

func TestDamagedSecretIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "secret"), []byte("too short"), 0o600))
	if key, err := secret(dir); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("%x, %v", key, err)
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	unlock, err := lock(dir)
	must(t, err)
	if _, err := lock(dir); err == nil {
		t.Error("locked twice")
	}
	unlock()
	unlock, err = lock(dir)
	must(t, err)
	unlock()
	info, err := os.Stat(dir)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("others may look in: %v", info.Mode())
	}
}

// What is said in one line is still the error that it was.
func TestOneLine(t *testing.T) {
	t.Parallel()
	err := oneLine(fmt.Errorf("connect:\n\tfirst: %w\n\tsecond: refused", fs.ErrPermission))
	if err.Error() != "connect: first: permission denied second: refused" || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%q", err)
	}
	if err := oneLine(nil); err != nil {
		t.Error(err)
	}
}
