//go:build !postgres

package db_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"testing"

	"chinwag/db"
	"chinwag/db/dbtest"
)

// This test binary, run again by itself, starts in the directory that a variable names, and kills itself.
const (
	killedMigratingIn = "CHINWAG_TEST_KILLED_MIGRATING_IN"
	killedAtStatement = "CHINWAG_TEST_KILLED_AT_STATEMENT" // before this one
)

func TestMain(m *testing.M) {
	postIfTold()
	if dir := os.Getenv(killedMigratingIn); dir != "" {
		if err := migrateAndDie(dir, os.Getenv(killedAtStatement)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// migrateAndDie opens a community and kills this process just before the given statement, if it comes so far.
func migrateAndDie(dir, statement string) error {
	last, err := strconv.Atoi(statement)
	if err != nil {
		return err
	}
	n := 0
	disk := &faulty{before: func(string) error {
		if n++; n == last {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}}
	d, err := db.OpenWith(context.Background(), disk, dir, &dbtest.Events{})
	if err != nil {
		return err
	}
	return d.Close()
}
