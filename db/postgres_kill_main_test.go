//go:build postgres

package db_test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	postIfTold()
	os.Exit(m.Run())
}
