package loadtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// databases are those that a run makes on a PostgreSQL server. It removes them again, and touches no other.
type databases struct {
	address *url.URL
	config  *pgx.ConnConfig
	made    []string // names
}

// sparedConnections are for us and for its administrators.
const sparedConnections = 5

// removeWithin is how long the server may take to remove what a run made.
const removeWithin = time.Minute

// openDatabases looks whether a server answers. The database of its address is only connected to.
func openDatabases(ctx context.Context, address string) (*databases, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the address of PostgreSQL: %w", err) // pgx hides its password
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address of PostgreSQL is no URL") // what is wrong with it may be in the password
	}
	d := &databases{address: parsed, config: config}
	return d, d.do(ctx, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
}

// do does something as the user of the address, on a connection of its own: a run is long, and idle ones are cut.
func (d *databases) do(ctx context.Context, what func(*pgx.Conn) error) (err error) {
	conn, err := pgx.ConnectConfig(ctx, d.config.Copy())
	if err != nil {
		return fmt.Errorf("ask PostgreSQL: %s", strings.Join(strings.Fields(err.Error()), " ")) // it has a line for each address
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return what(conn)
}

// add makes a new database and gives its address.
func (d *databases) add(ctx context.Context) (string, error) {
	name := "chinwag_loadtest_" + strings.ToLower(rand.Text()[:16])
	place, err := d.addressOf(name)
	if err != nil {
		return "", err
	}
	err = d.do(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `CREATE DATABASE `+name+` TEMPLATE template0 ENCODING 'UTF8'`) // fails if there is one
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make a database: %w", err)
	}
	d.made = append(d.made, name)
	return place, nil
}

// addressOf is where another database of the same server is. An address may name its database twice, and the other name
// would win: nobody's database must be taken for ours.
func (d *databases) addressOf(name string) (string, error) {
	place := *d.address
	place.Path = "/" + name
	config, err := pgx.ParseConfig(place.String())
	if err != nil || config.Database != name {
		return "", errors.New("the address of PostgreSQL must name its database after the server alone: postgres://chinwag@localhost/postgres")
	}
	return place.String(), nil
}

// remove drops all that were made, whoever is still connected. It works after the run was told to end, too.
func (d *databases) remove(ctx context.Context) error {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), removeWithin)
	defer enough()
	var problems []error
	for _, name := range d.made {
		err := d.do(ctx, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, `DROP DATABASE `+name+` WITH (FORCE)`)
			return err
		})
		if err != nil {
			problems = append(problems, fmt.Errorf("the database %s is left: %w", name, err))
		}
	}
	d.made = nil
	return errors.Join(problems...)
}

// describe says which server it is, and its version.
func (d *databases) describe(ctx context.Context) (text string, err error) {
	err = d.do(ctx, func(conn *pgx.Conn) error {
		var version string
		if err := conn.QueryRow(ctx, `SHOW server_version`).Scan(&version); err != nil {
			return err
		}
		text = fmt.Sprintf("PostgreSQL %s at %s", version, net.JoinHostPort(d.config.Host, strconv.Itoa(int(d.config.Port))))
		return nil
	})
	return text, err
}

// takes looks whether the server takes so many connections, with some to spare.
func (d *databases) takes(ctx context.Context, connections int) error {
	return d.do(ctx, func(conn *pgx.Conn) error {
		var text string
		if err := conn.QueryRow(ctx, `SHOW max_connections`).Scan(&text); err != nil {
			return err
		}
		most, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("the setting max_connections: %w", err)
		}
		if most < connections+sparedConnections {
			return fmt.Errorf("PostgreSQL takes %d connections and up to %d will be opened: set its max_connections to %d and start it again",
				most, connections, (connections+sparedConnections+49)/50*50)
		}
		return nil
	})
}

// processes finds PostgreSQL's on this machine; nil: it is elsewhere.
func (d *databases) processes(ctx context.Context) (f *family, err error) {
	err = d.do(ctx, func(conn *pgx.Conn) error {
		var backend int
		if err := conn.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
			return err
		}
		f = familyOf(backend, conn.PgConn().Conn().LocalAddr())
		return nil
	})
	return f, err
}
