//go:build postgres

package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chinwag/chat"
	"chinwag/db/dbtest"
	"chinwag/realtime/natstest"
)

// serveTogether starts a server on a database, which needs no data directory: it must not make one.
func serveTogether(t *testing.T, place string, args ...string) *server {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, append(args, "--database-url="+place)...)
	t.Cleanup(func() {
		if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("it made a data directory: %v", err)
		}
	})
	return s
}

// eventually waits until something holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

func TestServersShareADatabase(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	first, second := serveTogether(t, place), serveTogether(t, place)
	form := first.opensSetup(t)
	if status := form.submit(t); status != http.StatusSeeOther {
		t.Fatalf("set-up answers %d", status)
	}
	page, err := form.browser.Get(second.url + "/rooms/1")
	must(t, err)
	must(t, page.Body.Close())
	if page.StatusCode != http.StatusOK {
		t.Errorf("who is signed in at the first server is answered %d by the second", page.StatusCode)
	}
	typed(t, "correct horse battery\n", "user", "add", "bob", "--database-url="+place).says(t, 0)
	if who := account(t, place, "bob"); who.Role != chat.RoleMember {
		t.Errorf("%+v", who)
	}
	first.stop().says(t, 0)
	if code, _ := get(t, second.url+"/readyz"); code != http.StatusOK {
		t.Errorf("without the first, the second answers %d", code)
	}
	second.stop().says(t, 0)
	if third := serveTogether(t, place); third.setup() != "" {
		t.Errorf("set up already, it prints %s", third.setup())
	}
}

// Nodes that start at the same moment make the table once.
func TestBlobTableIsMadeOnce(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			blobs, err := openBlobTable(t.Context(), place)
			if err != nil {
				t.Error(err)
				return
			}
			if err := blobs.Set("key", []byte("value"), time.Minute); err != nil {
				t.Error(err)
			}
			if value, err := blobs.Get("key"); err != nil || string(value) != "value" {
				t.Errorf("%q, %v", value, err)
			}
			if err := blobs.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Where the package panics, we get an error.
func TestBlobTableOfAnotherKind(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	_, err := dbtest.Beside(t, place).ExecContext(t.Context(), `CREATE TABLE blobs (k INTEGER PRIMARY KEY)`)
	must(t, err)
	if _, err := openBlobTable(t.Context(), place); err == nil || !strings.Contains(err.Error(), "open the table of blobs: ") {
		t.Errorf("it says %v", err)
	}
}

func TestDatabaseIsNotThere(t *testing.T) {
	t.Parallel()
	place := strings.Replace(dbtest.Place(t), "?", "_of_nobody?", 1)
	typed(t, "", "serve", "--addr=127.0.0.1:0", "--database-url="+place).says(t, exitFailed, "_of_nobody", "does not exist")
}

func TestDoctorExaminesPostgres(t *testing.T) {
	t.Parallel()
	place, nats := dbtest.Place(t), natstest.Start(t)
	ask := func() string {
		got := typed(t, "", "doctor", "--public-url=https://chat.example.org", "--database-url="+place, "--nats-url="+nats.URL)
		got.says(t, 0)
		return got.stdout
	}
	if said := ask(); !strings.Contains(said, "note   database, its settings and its schema: it is empty") || !strings.Contains(said, "ok     NATS\n") {
		t.Errorf("of an empty one it says\n%s", said)
	}
	typed(t, "correct horse battery\n", "user", "add", "ann", "--database-url="+place).says(t, 0)
	if said := ask(); !strings.Contains(said, "ok     database, its settings and its schema\n") || strings.Contains(said, "data directory") {
		t.Errorf("of a community it says\n%s", said)
	}
}

// With --nats-url the nodes hear of each other, under a name of their community; NATS may come later than they do.
func TestServersMeetOverNATS(t *testing.T) {
	t.Parallel()
	place, nats := dbtest.Place(t), natstest.Away(t)
	first := serveTogether(t, place, "--nats-url="+nats.URL)
	second := serveTogether(t, place, "--nats-url="+nats.URL)
	nats.Start()
	store, key, err := openStore(context.Background(), place, &dbtest.Events{})
	must(t, err)
	must(t, store.Close())
	eventually(t, func() bool { return len(nats.Subjects(natsPrefix(key))) == 2 })
	first.stop().says(t, 0)
	eventually(t, func() bool { return len(nats.Subjects(natsPrefix(key))) == 1 })
	second.stop().says(t, 0)
}

// Whoever has a schema of their own in a shared database finds blobs there, too.
func TestBlobTableStandsInTheSchemaOfItsAddress(t *testing.T) {
	t.Parallel()
	place := dbtest.Place(t)
	_, err := dbtest.Beside(t, place).ExecContext(t.Context(), `CREATE SCHEMA ours`)
	must(t, err)
	for range 2 { // it makes the table, and finds it
		blobs, err := openBlobTable(t.Context(), place+"&search_path=ours")
		must(t, err)
		must(t, blobs.Set("key", []byte("value"), time.Minute))
		must(t, blobs.Close())
	}
	var n int
	must(t, dbtest.Beside(t, place).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM ours.blobs`).Scan(&n))
	if n != 1 {
		t.Errorf("%d blobs in the schema", n)
	}
}
