//go:build postgres

package main

import (
	"os"
	"strings"
	"testing"

	"chinwag/db/dbtest"
	"chinwag/realtime/natstest"
)

// The load tester spreads a room over two servers, finds every message on every screen, and leaves nothing behind.
func TestLoadtestOverTwoNodes(t *testing.T) {
	t.Setenv(asProgram, "yes") // to the servers that it starts
	place := dbtest.Place(t)
	program, err := os.Executable()
	must(t, err)
	got := typed(t, "", "loadtest", "--quick", "--only=nodes,posts", "--program="+program, "--dir="+t.TempDir(),
		"--database-url="+place, "--nats-url="+natstest.Start(t).URL)
	got.says(t, 0)
	for _, words := range []string{
		"Everything is kept in PostgreSQL ", "32 writers, 32 rooms: ", "PostgreSQL's: ", "file system",
		"50 screens on 2 nodes, ", "screens of the other node, two nodes: ", "CPU ÷ one node",
	} {
		if !strings.Contains(got.stdout, words) {
			t.Errorf("it does not say %q:\n%s", words, got.stdout)
		}
	}
	if faultless := strings.Count(got.stdout, ": 0 lost, 0 doubled, 0 out of order, "); faultless != 4 {
		t.Errorf("%d of 4 rooms are without fault:\n%s", faultless, got.stdout)
	}
	if tables := dbtest.Tables(t, dbtest.Beside(t, place)); len(tables) > 0 {
		t.Errorf("the database of the address has %v", tables)
	}
}
