package db

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/jackc/pgx/v5"
)

// secretTable holds what nodes that share a database sign with.
const secretTable = "secret"

// table is what a move has to know of one.
type table struct {
	name    string
	columns []column
	key     []string // of its rows
	refers  []string // tables that must have been filled before
}

type column struct{ name, kind string }

func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// read is the statement that reads all rows in the order of their key. Texts must have the order of their bytes: textOrder
// says so, with nothing in SQLite and with COLLATE "C" in PostgreSQL.
func (t table) read(textOrder string) string {
	order := make([]string, len(t.key))
	for i, name := range t.key {
		order[i] = quoted(name)
		if t.kind(name) == "text" {
			order[i] += textOrder
		}
	}
	return "SELECT " + quoted(t.names()...) + " FROM " + quoted(t.name) + " ORDER BY " + strings.Join(order, ", ")
}

func (t table) kind(name string) string {
	for _, c := range t.columns {
		if c.name == name {
			return c.kind
		}
	}
	return ""
}

// quoted is names as both databases read them.
func quoted(names ...string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = pgx.Identifier{name}.Sanitize()
	}
	return strings.Join(list, ", ")
}

// inOrder puts each table behind those it refers to.
func inOrder(tables []table) ([]table, error) {
	var ordered []table
	placed := map[string]bool{}
	for len(ordered) < len(tables) {
		before := len(ordered)
		for _, t := range tables {
			if !placed[t.name] && t.mayFollow(placed) {
				ordered = append(ordered, t)
				placed[t.name] = true
			}
		}
		if len(ordered) == before {
			return nil, fmt.Errorf("%d tables refer to each other in a circle", len(tables)-before)
		}
	}
	return ordered, nil
}

func (t table) mayFollow(placed map[string]bool) bool {
	for _, name := range t.refers {
		if !placed[name] && name != t.name {
			return false
		}
	}
	return true
}

// tableSum sums up what the rows of a table hold, whichever database they are read from.
type tableSum struct {
	table string
	rows  int64
	hash  hash.Hash
	row   []byte
}

func newTableSum(t table) *tableSum {
	s := &tableSum{table: t.name, hash: sha256.New()}
	for _, name := range t.names() {
		s.row = appendText(s.row, name)
	}
	_, _ = s.hash.Write(s.row) // never fails
	return s
}

// add takes the next row. Each value says of what kind it is, and a text how long: no two rows look alike. Only a text and
// bytes do, because SQLite may hold either where bytes are meant.
func (s *tableSum) add(values []any) error {
	s.row = s.row[:0]
	for _, value := range values {
		switch v := value.(type) {
		case nil:
			s.row = append(s.row, 'n')
		case int64:
			s.row = binary.BigEndian.AppendUint64(append(s.row, 'i'), uint64(v))
		case bool:
			if v {
				s.row = append(s.row, 'y')
			} else {
				s.row = append(s.row, 'z')
			}
		case string:
			s.row = appendText(s.row, v)
		case []byte:
			s.row = appendText(s.row, v)
		default:
			return fmt.Errorf("its row %d has a value that cannot be summed up: %T", s.rows+1, value)
		}
	}
	s.rows++
	_, _ = s.hash.Write(s.row) // never fails
	return nil
}

func appendText[T string | []byte](to []byte, text T) []byte {
	return append(binary.BigEndian.AppendUint64(append(to, 't'), uint64(len(text))), text...)
}

func (s *tableSum) result() Moved {
	return Moved{Table: s.table, Rows: s.rows, Checksum: hex.EncodeToString(s.hash.Sum(nil))}
}
