package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"chinwag/chat"
)

// How many connections a node has. Writers wait for the disk, so more of them share a sync; readers only take processors.
const (
	postgresWriters = 16
	postgresReaders = 16
	connectionIdle  = 5 * time.Minute
	connectionLife  = time.Hour // after a failover they spread anew
)

// How long PostgreSQL may take for things. It ends what takes longer; only if it says nothing at all, we do.
const (
	lockMost      = 5 * time.Second
	statementMost = 10 * time.Second
	silenceMost   = 15 * time.Second
	connectMost   = 5 * time.Second
)

// postgresOldest is the oldest version this was tested with.
const postgresOldest = 150000

// postgres is a community in a database that several nodes share.
type postgres struct{}

var _ dialect = postgres{}

func openPostgres(ctx context.Context, address string, publisher chat.Publisher) (*DB, error) {
	writer, err := postgresPool(address, postgresWriters, nil)
	if err != nil {
		return nil, err
	}
	err = checkServer(ctx, writer)
	if err == nil {
		err = migratePostgres(ctx, writer)
	}
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	reader, err := postgresPool(address, postgresReaders, map[string]string{"default_transaction_read_only": "on"})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	d := &DB{dialect: postgres{}, writer: writer, reader: reader}
	d.queue = newQueue(d, publisher)
	return d, nil
}

// postgresPool is a number of connections to a database, opened when they are first used.
func postgresPool(address string, connections int, parameters map[string]string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err) // pgx hides its password
	}
	for name, value := range map[string]string{
		"application_name":                    "chinwag",
		"default_transaction_isolation":       "read committed",
		"idle_in_transaction_session_timeout": inMillis(lockMost), // a node that stopped must not hold up the others
		"lock_timeout":                        inMillis(lockMost),
		"statement_timeout":                   inMillis(statementMost),
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	for name, value := range parameters {
		config.RuntimeParams[name] = value
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectMost
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return patient{conn}, err
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(connectionIdle)
	pool.SetConnMaxLifetime(connectionLife)
	return pool, nil
}

func inMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// patient is a connection whose peer may be silent for a while, but not for ever.
type patient struct{ net.Conn }

// Read waits for what the server says. See [net.Conn].
func (p patient) Read(into []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(silenceMost)); err != nil {
		return 0, err
	}
	return p.Conn.Read(into)
}

// checkServer refuses to run on a database that would not keep what it acknowledged, or not as it was said.
func checkServer(ctx context.Context, conn *sql.DB) error {
	var version int
	var encoding, commit, sync string
	err := conn.QueryRowContext(ctx, `
		SELECT current_setting('server_version_num'), current_setting('server_encoding'),
			current_setting('synchronous_commit'), current_setting('fsync')`).Scan(&version, &encoding, &commit, &sync)
	switch {
	case err != nil:
		return fmt.Errorf("open PostgreSQL: %w", err)
	case version < postgresOldest:
		return fmt.Errorf("PostgreSQL is version %d; %d is the oldest that will do", version/10000, postgresOldest/10000)
	case encoding != "UTF8":
		return fmt.Errorf("the database's encoding is %s, not UTF8", encoding)
	case commit == "off" || sync == "off":
		return fmt.Errorf("PostgreSQL has synchronous_commit = %s and fsync = %s: it could lose messages", commit, sync)
	}
	return nil
}

// migratePostgres brings the schema up to this program's version. Of nodes that start at the same moment one migrates, the
// others wait for it. Nothing is copied before: whoever runs PostgreSQL keeps copies of it.
func migratePostgres(ctx context.Context, conn *sql.DB) error {
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return migrate(ctx, conn, goose.DialectPostgres, func(int64) error { return nil }, goose.WithSessionLocker(turn))
}

func (postgres) text(written string) string { return written }

func (postgres) keep(table string) string { return " FOR KEY SHARE OF " + table }

func (postgres) snapshotOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// lane is the room: its row keeps its writes in line, so those of other rooms need not wait.
func (postgres) lane(room chat.RoomID) chat.RoomID { return room }

// begin locks the room for the lane. Whoever reads its numbers next, on whatever node, waits until they are committed. What
// belongs to no room goes one after the other on all nodes, so that its rules, too, see what they decide on.
func (postgres) begin(ctx context.Context, conn *sql.Conn, lane chat.RoomID) error {
	const noRoom = 0x6368696e // a number that nobody else locks
	text := fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(%d)`, noRoom)
	if lane != 0 {
		text = fmt.Sprintf(`BEGIN; SELECT 1 FROM rooms WHERE id = %d FOR NO KEY UPDATE`, lane)
	}
	_, err := conn.ExecContext(ctx, text) // both in one message
	return err
}

// commit looks at what PostgreSQL says it did: COMMIT of a transaction that failed is answered with ROLLBACK. Once it was sent,
// only an answer tells whether it was done, whatever the driver thinks is safe to do again.
func (p postgres) commit(ctx context.Context, conn *sql.Conn) error {
	var results []*pgconn.Result
	sent := false
	err := conn.Raw(func(c any) (err error) {
		raw := c.(*stdlib.Conn).Conn().PgConn()
		sent = !raw.IsClosed()
		results, err = raw.Exec(ctx, `COMMIT`).ReadAll()
		return err
	})
	var told *pgconn.PgError
	switch {
	case err == nil && len(results) == 1 && results[0].CommandTag.String() == "COMMIT":
		return nil
	case err == nil:
		return fmt.Errorf("commit: %w", errAgain)
	case sent && (!errors.As(err, &told) || away(err)):
		return fmt.Errorf("commit: %w: %w", errUnknown, err)
	default:
		return p.failure("commit", err)
	}
}

// undo leaves a connection that cannot do it to its pool, which sees that it is closed.
func (postgres) undo(ctx context.Context, conn *sql.Conn) {
	_, _ = conn.ExecContext(ctx, `ROLLBACK`)
}

// tidy and close have nothing to do: PostgreSQL does it.
func (postgres) tidy(context.Context, bool) error { return nil }
func (postgres) close(context.Context) error      { return nil }
