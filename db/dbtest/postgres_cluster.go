//go:build postgres

package dbtest

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver
)

// keeper makes a cluster, starts and stops it as it is told, and takes all of it away when this process ends, however it
// ends.
//
//go:embed keeper.sh
var keeper string

// patience is how long PostgreSQL may take to be there on a busy machine.
const patience = 60 * time.Second

// settings make a cluster small. What is acknowledged is on the disk, as it has to be.
var settings = []string{
	"listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=16MB", "wal_level=minimal", "max_wal_senders=0",
	"log_checkpoints=off", "log_min_messages=warning",
}

// Cluster is a PostgreSQL of this process alone, on a port of its own.
type Cluster struct {
	port    string
	dir     string // where it is kept
	orders  io.WriteCloser
	answers *bufio.Reader
	admin   *sql.DB
	ends    func() error
}

// NewCluster starts one with more settings ("fsync=off"), which goes when the test ends.
func NewCluster(tb testing.TB, more ...string) *Cluster {
	tb.Helper()
	c, err := startCluster(more...)
	must(tb, err)
	tb.Cleanup(func() { must(tb, c.end()) })
	return c
}

func startCluster(more ...string) (*Cluster, error) {
	programs, err := programs(onDebian)
	if err != nil {
		return nil, err
	}
	return startClusterOf(programs, more...)
}

func startClusterOf(programs string, more ...string) (*Cluster, error) {
	who, err := servant()
	if err != nil {
		return nil, err
	}
	c := &Cluster{port: freePort()}
	args := []string{"-c", keeper, "keeper", programs, "-p", c.port}
	for _, setting := range append(settings, more...) {
		args = append(args, "-c", setting)
	}
	run := exec.CommandContext(context.Background(), "sh", args...) //nolint:gosec // our own words
	run.Dir = "/"                                                   // ours may be closed to the one it runs as
	run.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setsid: true}
	var complaint bytes.Buffer
	run.Stderr = &complaint
	out, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.orders, err = run.StdinPipe(); err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL's keeper: %w", err)
	}
	c.answers, c.ends = bufio.NewReader(out), run.Wait
	if c.dir, err = c.answer(); err != nil {
		err = errors.Join(err, c.ends()) // and all of the complaint is there
		return nil, fmt.Errorf("make a PostgreSQL cluster: %w; it said\n%s", err, &complaint)
	}
	if c.admin, err = sql.Open("pgx", urlOf(administrator, c.port, "postgres")); err != nil {
		return nil, err
	}
	if err := c.start(); err != nil {
		return nil, errors.Join(err, c.end())
	}
	// The load tester makes databases. Nothing else of ours needs more than to own one.
	if _, err := c.admin.ExecContext(context.Background(), `CREATE ROLE `+Role+` LOGIN CREATEDB`); err != nil {
		return nil, errors.Join(err, c.end())
	}
	return c, nil
}

// onDebian is where Debian installs PostgreSQL, which it does not put into the PATH.
const onDebian = "/usr/lib/postgresql/*/bin/postgres"

// programs is where the newest PostgreSQL's are that a pattern finds, or those that pg_config knows of.
func programs(pattern string) (string, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		said, err := exec.CommandContext(context.Background(), "pg_config", "--bindir").Output()
		dir := strings.TrimSpace(string(said))
		if err == nil {
			_, err = os.Stat(filepath.Join(dir, "postgres"))
		}
		if err != nil {
			return "", fmt.Errorf("PostgreSQL is not installed: apt-get install postgresql: %w", err)
		}
		return dir, nil
	}
	newest, best := "", 0
	for _, path := range found {
		dir := filepath.Dir(path)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > best {
			newest, best = dir, version
		}
	}
	return newest, nil
}

// servant is who PostgreSQL runs as, since it refuses root; nil is ourselves.
func servant() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL refuses root: %w", err)
	}
	uid, uidErr := strconv.ParseUint(who.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(who.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(uidErr, gidErr)
}

// freePort is one that no outgoing connection takes meanwhile: the system gives those higher ones.
func freePort() string {
	for {
		port := strconv.Itoa(20000 + rand.IntN(12000)) //nolint:gosec // any will do
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		_ = listener.Close() // nobody came
		return port
	}
}

// Role is who uses the databases of tests, and owns them. It may no more than a server needs.
const Role = "chinwag"

// administrator may do anything.
const administrator = "postgres"

// URL is the address of a database.
func (c *Cluster) URL(database string) string { return urlOf(Role, c.port, database) }

func urlOf(role, port, database string) string {
	return "postgres://" + role + "@127.0.0.1:" + port + "/" + database + "?sslmode=disable"
}

// Exec runs a statement in the database that is always there, as the cluster's administrator.
func (c *Cluster) Exec(tb testing.TB, text string, args ...any) {
	tb.Helper()
	_, err := c.admin.ExecContext(context.Background(), text, args...)
	must(tb, err)
}

// Start starts it again on the same port, and waits until it answers.
func (c *Cluster) Start(tb testing.TB) {
	tb.Helper()
	must(tb, c.start())
}

// Stop ends it at once, as a power cut would.
func (c *Cluster) Stop(tb testing.TB) {
	tb.Helper()
	must(tb, c.order("stop"))
}

// Kill ends the server's side of one connection to a database by force. PostgreSQL then ends all the others too, and
// mends itself.
func (c *Cluster) Kill(tb testing.TB, database string) {
	tb.Helper()
	const backend = `SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend' LIMIT 1`
	var pid int
	end := time.Now().Add(patience)
	for { // what ended the connections before may only now have ended ours
		err := c.admin.QueryRowContext(context.Background(), backend, database).Scan(&pid)
		if err == nil {
			break
		}
		if time.Now().After(end) {
			must(tb, err)
		}
	}
	must(tb, syscall.Kill(pid, syscall.SIGKILL))
	must(tb, c.answersAgain())
}

func (c *Cluster) start() error {
	if err := c.order("start"); err != nil {
		return err
	}
	return c.answersAgain()
}

// answersAgain waits until it takes connections.
func (c *Cluster) answersAgain() error {
	ctx, enough := context.WithTimeout(context.Background(), patience)
	defer enough()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		_, err := c.admin.ExecContext(ctx, `SELECT 1`)
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w; it said\n%s", err, c.said())
		}
	}
}

// said is PostgreSQL's log.
func (c *Cluster) said() []byte {
	text, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return []byte(err.Error())
	}
	return text
}

// order has the keeper do something, and waits until it has.
func (c *Cluster) order(word string) error {
	if _, err := fmt.Fprintln(c.orders, word); err != nil {
		return fmt.Errorf("%s PostgreSQL: %w", word, err)
	}
	if answer, err := c.answer(); err != nil || answer != word {
		return fmt.Errorf("%s PostgreSQL: the keeper says %q, %w", word, answer, err)
	}
	return nil
}

func (c *Cluster) answer() (string, error) {
	line, err := c.answers.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

// end stops it and removes what it kept.
func (c *Cluster) end() error {
	return errors.Join(c.admin.Close(), c.orders.Close(), c.ends())
}
