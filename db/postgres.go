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
	if err := migratePostgres(ctx, address); err != nil {
		return nil, err
	}
	writer, err := postgresPool(address, postgresWriters, stdlib.OptionAfterConnect(keepsItsWord))
	if err != nil {
		return nil, err
	}
	reader, err := postgresPool(address, postgresReaders, stdlib.OptionAfterConnect(readOnly))
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	d := &DB{dialect: postgres{}, writer: writer, reader: reader}
	d.queue = newQueue(d, publisher)
	return d, nil
}

// What PostgreSQL calls us, and the address cannot change: by this a move knows whether a server is there.
const (
	nameServing   = "chinwag"
	nameMigrating = "chinwag migration"
	nameMoving    = "chinwag move"
)

// postgresConfig is how we connect to an address.
func postgresConfig(address string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err) // pgx hides its password
	}
	for name, value := range map[string]string{
		"default_transaction_isolation":       "read committed",
		"idle_in_transaction_session_timeout": inMillis(lockMost), // a node that stopped must not hold up the others
		"lock_timeout":                        inMillis(lockMost),
		"statement_timeout":                   inMillis(statementMost),
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	config.RuntimeParams["application_name"] = nameServing
	config.RuntimeParams["client_encoding"] = "UTF8"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectMost
	}
	return config, nil
}

// unhurriedConfig is how we connect for what takes longer than a server's statements may, and than PostgreSQL may be silent to
// a server: migrating and moving.
func unhurriedConfig(address, name string) (*pgx.ConnConfig, error) {
	config, err := postgresConfig(address)
	if err != nil {
		return nil, err
	}
	config.RuntimeParams["application_name"] = name
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	config.RuntimeParams["statement_timeout"] = "0"
	return config, nil
}

// postgresPool is a number of connections to a database, opened when they are first used.
func postgresPool(address string, connections int, options ...stdlib.OptionOpenDB) (*sql.DB, error) {
	config, err := postgresConfig(address)
	if err != nil {
		return nil, err
	}
	config.DialFunc = Patient(config.DialFunc, silenceMost)
	pool := stdlib.OpenDB(*config, options...)
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(connectionIdle)
	pool.SetConnMaxLifetime(connectionLife)
	return pool, nil
}

// readOnly is said to a connection after it was made: an address may ask for a server that takes writes, and the driver asks
// the connection whether it does.
func readOnly(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SET default_transaction_read_only = on`)
	return err
}

func inMillis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// keepsItsWord refuses a connection that would be told of commits before they are on the disk: that may be set at any time,
// for the database or for who uses it.
func keepsItsWord(ctx context.Context, conn *pgx.Conn) error {
	var commit string
	if err := conn.QueryRow(ctx, `SELECT current_setting('synchronous_commit')`).Scan(&commit); err != nil {
		return err
	}
	if commit == "off" {
		return errors.New("PostgreSQL has synchronous_commit = off by now: it could lose messages")
	}
	return nil
}

// Patient has connections wait for what a server says, but no longer than so each time. A line may die without a sign.
func Patient(dial pgconn.DialFunc, most time.Duration) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return patient{conn, most}, err
	}
}

type patient struct {
	net.Conn
	most time.Duration
}

// Read waits for what the server says. See [net.Conn].
func (p patient) Read(into []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.most)); err != nil {
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
func migratePostgres(ctx context.Context, address string) (err error) {
	config, err := unhurriedConfig(address, nameMigrating)
	if err != nil {
		return err
	}
	conn := stdlib.OpenDB(*config)
	conn.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := checkServer(ctx, conn); err != nil {
		return err
	}
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60)) // tries a second apart: a minute
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return migrate(ctx, conn, goose.DialectPostgres, func(int64) error { return nil }, goose.WithSessionLocker(turn))
}

func (postgres) text(written string) string { return written }

func (postgres) holdRows(alias string) string { return " FOR KEY SHARE OF " + alias }

func (postgres) snapshotOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// lane is the room: its row keeps its writes in line, so those of other rooms need not wait.
func (postgres) lane(room chat.RoomID) laneID { return laneID(room) }

// begin locks the room for the lane. Whoever reads its numbers next, on whatever node, waits until they are committed. What
// belongs to no room goes one after the other on all nodes, so that its rules, too, see what they decide on.
func (postgres) begin(ctx context.Context, conn *sql.Conn, lane laneID) error {
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
		return errors.New("commit: a statement of a transaction had failed, and its rule did not say so")
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
